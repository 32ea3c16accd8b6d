import type { LinkedAccount } from '../baileys/account.ts';
import { openAuthState } from '../baileys/auth-state.ts';
import { toIncomingMessage } from '../baileys/incoming-message.ts';
import {
  type ConnectionEvents,
  openConnection,
  type SessionConnection,
  type SocketLogger,
  type SocketOptions,
} from '../baileys/session-connection.ts';
import type { Clock } from '../clock.ts';
import { SessionError } from '../errors.ts';
import type { SentMessages } from '../vault/sent-messages.ts';
import type { SessionEntries } from '../vault/session-entries.ts';
import type { Disconnect } from './disconnect-reasons.ts';
import type { SessionEvents } from './session-events.ts';
import type { SessionState } from './session-state.ts';

/** How long WhatsApp lets a code live: the first one longer. */
const FIRST_QR_MS = 60_000;
const NEXT_QR_MS = 20_000;

export interface AttemptDeps {
  readonly clock: Clock;
  readonly events: SessionEvents;
  readonly logger: SocketLogger;
  readonly socket: SocketOptions;
}

export interface AttemptRequest {
  readonly id: string;
  readonly state: SessionState;
  readonly entries: SessionEntries;
  readonly sent: SentMessages;
  /** The socket, while there is one. */
  readonly onConnection: (connection: SessionConnection | undefined) => void;
  /** It is past what costs: logged in, or a code is shown. */
  readonly onWay: () => void;
  readonly onOpen: () => void;
}

/**
 * One socket, from loading the credentials to everything that it wrote being durable. Rejects where the stores fail.
 *
 * Afterwards its key-store handle is dead, so a late write of a dead socket can never mix with the next one.
 */
export async function runAttempt(deps: AttemptDeps, request: AttemptRequest): Promise<Disconnect> {
  const { id, state, entries, sent, onConnection } = request;
  const auth = await openAuthState(entries);
  const connection = openConnection({
    ...deps,
    auth,
    events: socketEvents(deps, request),
    findSent: sent.find,
  });
  onConnection(connection);
  const disconnect = await connection.closed;
  onConnection(undefined);
  state.clearQr();
  auth.revoke(new SessionError('SESSION_NOT_CONNECTED', `the connection of session ${id} has ended`));
  await entries.flush();
  return disconnect;
}

function socketEvents(
  deps: AttemptDeps,
  { id, state, entries, onWay, onOpen }: AttemptRequest,
): ConnectionEvents {
  const { clock, events, socket } = deps;
  let ordinal = 0;
  let newest = '';

  function showQr(data: string): void {
    const issuedAt = clock.now();
    const validMs = socket.timers?.qrTimeout ?? (ordinal === 1 ? FIRST_QR_MS : NEXT_QR_MS);
    state.showQr({ data, ordinal, issuedAt: new Date(issuedAt), expiresAt: new Date(issuedAt + validMs) });
    state.moveTo('PAIRING');
  }

  return {
    qr(data) {
      onWay();
      newest = data;
      ordinal += 1;
      // Law 12: the phone binds to the credentials behind the code, so they are durable before anyone sees it.
      entries.flush().then(
        () => newest === data && showQr(data),
        () => {},
      );
    },
    paired(account: LinkedAccount | undefined) {
      newest = '';
      state.update({ account });
      state.clearQr();
      state.moveTo('CONNECTING');
      events.completeQr(id);
    },
    open(account) {
      state.update({ account });
      onWay();
      onOpen();
      state.moveTo('CONNECTED');
      events.completeQr(id);
    },
    heard: state.vitals.heard,
    undecryptable: state.vitals.undecryptable,
    message(message) {
      state.vitals.decrypted();
      const incoming = toIncomingMessage(id, message);
      if (incoming) events.publishMessage(incoming);
    },
    closed() {
      newest = '';
    },
  };
}
