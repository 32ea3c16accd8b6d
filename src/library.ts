import type { AuthState } from './core/baileys/auth-state.ts';
import { createLane, type Lane } from './core/lane.ts';
import { readSessionId } from './core/sessions/session-id.ts';
import { UNNAMED_SESSION } from './import/multi-file-source.ts';
import { type BotSession, openBotSession } from './library/bot-session.ts';
import type { VaultOptions } from './library/local-vault.ts';
import { createVaultTable } from './library/vault-table.ts';

export type { SessionStore } from './core/store.ts';
export type { ImportReport } from './core/vault/session-import.ts';

export interface AuthStateOptions extends VaultOptions {
  /** Which session of these stores; `default` where left out. */
  readonly id?: string;
  /**
   * The stores failed for good, or another process took the session: nothing is saved any more, and the socket has to
   * end at once. To go on, open the state again.
   */
  readonly onFailure: (error: Error) => void;
}

/** A session for one socket. */
export interface BotAuthState {
  readonly state: AuthState['state'];
  /** For `creds.update`; resolves when the credentials are durable. What cannot be saved is told to `onFailure`. */
  saveCreds(): Promise<void>;
  /** To be spread into the config of the socket; `state` is in it. */
  readonly socketOptions: {
    readonly auth: AuthState['state'];
    readonly makeSignalRepository: AuthState['makeSignalRepository'];
    readonly transactionOpts: { readonly maxCommitRetries: number; readonly delayBetweenTriesMs: number };
  };
  /** After a logout: forgets the login, so that the next state that is opened shows a new code. */
  startOver(): Promise<void>;
  /** When the bot ends: lets every store catch up and lets go of the directories. */
  close(): Promise<void>;
}

// For the whole process, as the locks of the directories are.
const vaults = createVaultTable();
const sessions = new Map<string, BotSession>();
const lanes = new Map<string, Lane>();

// A second owner of retries would keep a failed commit alive beside the chain, which retries already.
const TRANSACTIONS = { maxCommitRetries: 1, delayBetweenTriesMs: 0 };

/**
 * In the place of Baileys' `useMultiFileAuthState`, and called like it before every socket: the state before is revoked
 * then, so that nothing a dead socket still writes can mix with the new one. The freshest copy of all stores is taken.
 * What `useMultiFileAuthState` left in the first directory is taken over.
 *
 * Rejects where a store cannot be asked: that never means "make a new login".
 */
export async function openAuthState(options: AuthStateOptions): Promise<BotAuthState> {
  const id = readSessionId(options.id ?? UNNAMED_SESSION);
  const key = `${id}\n${vaults.keyOf(options.stores)}`;
  const lane = lanes.get(key) ?? createLane();
  lanes.set(key, lane);
  return lane(async () => {
    const session = await obtain(key, id, options);
    const handle = await session.renew(options.onFailure);
    return toBotState(handle, {
      startOver: () => lane(async () => sessions.get(key) === session && session.startOver()),
      close: () => lane(async () => sessions.get(key) === session && letGo(key, session, options)),
    });
  });
}

async function obtain(key: string, id: string, options: AuthStateOptions): Promise<BotSession> {
  const known = sessions.get(key);
  if (known && !known.failure()) return known;
  if (known) await letGo(key, known, options);
  const vault = await vaults.obtain(options);
  try {
    const session = await openBotSession(vault, id);
    sessions.set(key, session);
    return session;
  } catch (error) {
    await vaults.release(options);
    throw error;
  }
}

async function letGo(key: string, session: BotSession, options: AuthStateOptions): Promise<void> {
  sessions.delete(key);
  await session.close();
  await vaults.release(options);
}

interface Endings {
  readonly startOver: () => Promise<unknown>;
  readonly close: () => Promise<unknown>;
}

function toBotState(handle: AuthState, { startOver, close }: Endings): BotAuthState {
  const { state, makeSignalRepository } = handle;
  return {
    state,
    socketOptions: { auth: state, makeSignalRepository, transactionOpts: TRANSACTIONS },
    saveCreds() {
      const saved = handle.saveCreds();
      // As a listener nobody awaits it, and `onFailure` has the news: it must not end the process.
      saved.catch(() => {});
      return saved;
    },
    startOver: async () => void (await startOver()),
    close: async () => void (await close()),
  };
}
