import {
  type AuthenticationCreds,
  type AuthenticationState,
  initAuthCreds,
  type SignalDataSet,
  type SignalDataTypeMap,
  type SignalKeyStore,
  type SocketConfig,
} from '@whiskeysockets/baileys';
import { SessionError } from '../errors.ts';
import { createLane } from '../lane.ts';
import type { PlainEntryChange, SessionEntries } from '../vault/session-entries.ts';
import { decodeCreds, decodeSignalKey, encodeBaileys } from './codec.ts';
import { serialSignalRepository } from './signal-repository.ts';
import { socketTransactions } from './socket-transactions.ts';

export const CREDS = 'creds';

/** What one socket is given of a session: Baileys' own two halves, and the repository that makes them safe. */
export interface AuthState {
  readonly state: AuthenticationState;
  readonly makeSignalRepository: SocketConfig['makeSignalRepository'];
  /** To be called while `creds.update` fires: Baileys goes on changing the object. Resolves when durable. */
  saveCreds(): Promise<void>;
  /** Ends this handle and no other: what a dead socket still tries to write is refused. */
  revoke(error: Error): void;
}

/** Fresh credentials, encoded: they are made in `createSession` and nowhere else (law 5). */
export function freshCreds(): Uint8Array {
  return encodeBaileys(initAuthCreds());
}

/** Records that calls of the signal repository read and write back; Baileys also deletes some of them by itself. */
const RATCHETS = ['session', 'sender-key', 'identity-key'];

/** SESSION_CORRUPT where the session has no credentials: that never means "make new ones". */
export async function openAuthState(entries: SessionEntries): Promise<AuthState> {
  const creds = clearHalfPairing(await loadCreds(entries));
  let revoked: Error | undefined;

  const keys: SignalKeyStore = {
    async get(type, ids) {
      if (revoked) throw revoked;
      const values: { [id: string]: SignalDataTypeMap[typeof type] } = {};
      for (const [id, bytes] of await entries.read(type, ids)) {
        values[id] = decodeSignalKey(type, bytes) as SignalDataTypeMap[typeof type];
      }
      return values;
    },
    async set(data) {
      if (revoked) throw revoked;
      await entries.write(toChanges(data));
    },
  };
  const lane = createLane();

  /**
   * Between a repository call's reading of a ratchet and its writing of it, nobody else may write it. Only handing in
   * takes a turn: whoever comes next sees what was handed in, so all can become durable together.
   */
  async function setInTurn(data: SignalDataSet): Promise<void> {
    const touchesRatchets = Object.keys(data).some(type => RATCHETS.includes(type));
    const write = async () => ({ saved: keys.set(data) });
    const { saved } = await (touchesRatchets ? lane(write) : write());
    await saved;
  }

  const transactions = socketTransactions({ get: keys.get, set: setInTurn });
  const makeRepository = serialSignalRepository(keys, lane);
  return {
    state: { creds, keys: { get: keys.get, set: setInTurn } },
    makeSignalRepository(socket, ...rest) {
      // The very object that the socket goes on using for its own keys.
      Object.assign(socket.keys, transactions);
      return makeRepository(socket, ...rest);
    },
    saveCreds() {
      if (revoked) return Promise.reject(revoked);
      return entries.write([{ type: CREDS, id: '', value: encodeBaileys(creds) }]);
    },
    revoke(error) {
      revoked ??= error;
    },
  };
}

async function loadCreds(entries: SessionEntries): Promise<AuthenticationCreds> {
  const bytes = (await entries.read(CREDS, [''])).get('');
  if (!bytes) throw new SessionError('SESSION_CORRUPT', `session ${entries.sessionId} has no credentials`);
  return decodeCreds(bytes);
}

/**
 * A pairing code sets `creds.me` before the phone has agreed; a socket with `me` logs in instead of registering and
 * is refused with 401. `account`, the signed proof of the link, is what makes a session linked.
 */
function clearHalfPairing(creds: AuthenticationCreds): AuthenticationCreds {
  if (creds.account) return creds;
  const { me: _, ...rest } = creds;
  return { ...rest, pairingCode: undefined };
}

function toChanges(data: SignalDataSet): PlainEntryChange[] {
  return Object.entries(data).flatMap(([type, values]) =>
    Object.entries(values ?? {}).map(([id, value]) => ({
      type,
      id,
      value: value === null || value === undefined ? undefined : encodeBaileys(value),
    })),
  );
}
