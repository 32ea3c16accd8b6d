import { type IqError, stanza } from './stanza.ts';

/** How far somebody who connects gets before the server falls silent, without ever closing. */
export type HangPoint =
  /** The TCP connection is accepted, the WebSocket upgrade stays unanswered. */
  | 'upgrade'
  /** The WebSocket is open, there is no server hello. */
  | 'handshake'
  /** The handshake is done; whether the login is accepted is never told. */
  | 'login';

/** Why a server turns a client away after the handshake; any status, and what else the stanza says. */
export interface LoginFailure {
  readonly reason: number;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

/** The refusals the real server is known to send. Baileys reports the reason as it is. */
export const LOGIN_FAILURES = {
  loggedOut: { reason: 401 },
  /** A temporary ban: why, and for how many seconds. */
  banned: { reason: 402, attributes: { code: 101, expire: 3600 } },
  forbidden: { reason: 403 },
  outdated: { reason: 405 },
  badUserAgent: { reason: 409 },
  unavailable: { reason: 503 },
} as const satisfies Record<string, LoginFailure>;

export const failureStanza = ({ reason, attributes }: LoginFailure) =>
  stanza('failure', { reason, location: 'sim', ...attributes });

/** What befalls those who connect. Each setting holds until the function it returned is called, or it is set anew. */
export interface Reception {
  readonly upgradeRefusal: number | undefined;
  readonly loginFailure: LoginFailure | undefined;
  readonly hangPoint: HangPoint | undefined;
  readonly codeRefusal: IqError | undefined;
  refuseUpgrades(status: number): () => void;
  refuseLogins(failure: LoginFailure): () => void;
  hang(at: HangPoint): () => void;
  refuseCodes(error: IqError): () => void;
}

export function createReception(): Reception {
  const upgradeRefusal = createSetting<number>();
  const loginFailure = createSetting<LoginFailure>();
  const hangPoint = createSetting<HangPoint>();
  const codeRefusal = createSetting<IqError>();
  return {
    get upgradeRefusal() {
      return upgradeRefusal.value();
    },
    get loginFailure() {
      return loginFailure.value();
    },
    get hangPoint() {
      return hangPoint.value();
    },
    get codeRefusal() {
      return codeRefusal.value();
    },
    refuseUpgrades: upgradeRefusal.set,
    refuseLogins: loginFailure.set,
    hang: hangPoint.set,
    refuseCodes: codeRefusal.set,
  };
}

function createSetting<T>() {
  let current: { readonly value: T } | undefined;
  return {
    value: () => current?.value,
    set(value: T): () => void {
      const mine = { value };
      current = mine;
      return () => {
        if (current === mine) current = undefined;
      };
    },
  };
}
