import type { LinkedAccount } from './baileys/account.ts';
import { CREDS, freshCreds } from './baileys/auth-state.ts';
import type { SessionConnection } from './baileys/session-connection.ts';
import { type DisconnectReason, reasonOf } from './disconnect-reasons.ts';
import { SessionError } from './errors.ts';
import { keepConnected } from './keep-connected.ts';
import { createLane } from './lane.ts';
import type { OpenedSession } from './opened-session.ts';
import { createSentMessages, type SentMessages } from './sent-messages.ts';
import { type AttemptDeps, runAttempt } from './session-attempt.ts';
import { encodeRecord, RECORD, type SessionRecord } from './session-record.ts';
import type { SessionState } from './session-state.ts';
import type { SessionVault } from './session-vault.ts';
import { reasonOfStoreFailure } from './store-reasons.ts';

/** The life of one session on this server: open, connect, lose the connection, connect again. */
export interface SessionRunner {
  readonly state: SessionState;
  /** Opens and starts; rejects where the session cannot be opened. A session that is connected is left alone. */
  start(): Promise<void>;
  /** Starts, and goes on trying where the session cannot be opened. */
  resume(): void;
  /** Ends the socket, lets the stores catch up, gives the lease back. */
  halt(): Promise<void>;
  /** Halts, and remembers that somebody wanted that. */
  stop(): Promise<void>;
  /** What it takes to send. SESSION_NOT_CONNECTED while there is no working socket. */
  connected(): ConnectedSession;
}

export interface ConnectedSession {
  readonly connection: SessionConnection;
  readonly sent: SentMessages;
  readonly account: LinkedAccount;
}

export interface RunnerDeps extends AttemptDeps {
  readonly vault: SessionVault;
  /** In [0, 1). */
  readonly random: () => number;
  readonly holder: string;
}

interface Life {
  readonly over: AbortController;
  readonly done: Promise<void>;
}

/** Credentials of a device that was unlinked, for whoever has to find out why. */
const ARCHIVE = 'archive';
/** Where the next attempt is some time away, and a start by hand means now. */
const WAITS = new Set(['STANDBY', 'QUARANTINED', 'RECONNECTING']);

/** `created`: the session as `SessionVault.create` opened it, where this server has just made it. */
export function createSessionRunner(
  deps: RunnerDeps,
  id: string,
  state: SessionState,
  created?: { readonly open: (onFailure: (error: Error) => void) => Promise<OpenedSession> },
): SessionRunner {
  const { vault, clock, random, holder } = deps;
  let opened: { readonly session: OpenedSession; readonly sent: SentMessages } | undefined;
  let connection: SessionConnection | undefined;
  let storeFailure: Error | undefined;
  let life: Life | undefined;
  const oneByOne = createLane();

  /** Law 9: the socket ends before anybody else learns that a change was lost or a key could not be read. */
  function onFailure(error: Error): void {
    storeFailure = error;
    connection?.end({ origin: 'local' });
  }

  async function open() {
    if (opened) return opened;
    storeFailure = undefined;
    const session = await (created?.open(onFailure) ?? vault.open({ sessionId: id, onFailure }));
    created = undefined;
    opened = { session, sent: createSentMessages(session.entries, clock) };
    state.update({ record: session.record, position: session.entries.head, heldBy: holder });
    return opened;
  }

  async function letGo(how: 'close' | 'abandon'): Promise<void> {
    const session = opened?.session;
    opened = undefined;
    await session?.[how]();
    state.update({ heldBy: undefined });
  }

  async function saveRecord(changed: Partial<SessionRecord>): Promise<void> {
    const record = { ...state.record, ...changed };
    const { session } = await open();
    await session.entries.write([{ type: RECORD, id: '', value: encodeRecord(record) }]);
    state.update({ record });
  }

  async function attempt(over: AbortSignal): Promise<DisconnectReason | undefined> {
    try {
      const { session, sent } = await open();
      if (state.record.desiredState === 'STOPPED') return await restStopped();
      const disconnect = await runAttempt(deps, {
        id,
        state,
        entries: session.entries,
        sent,
        onConnection(current) {
          connection = current;
          if (over.aborted) connection?.end({ origin: 'local' });
        },
        onOpen: () => void saveRecord({ lastConnectedAt: clock.now() }).catch(() => {}),
      });
      return reasonOf(disconnect);
    } catch (error) {
      return reasonOfStoreFailure(storeFailure ?? (error as Error));
    } finally {
      if (storeFailure) await letGo('abandon');
    }
  }

  async function live(over: AbortSignal): Promise<void> {
    const reason = await keepConnected({ state, clock, random, attempt }, over);
    if (!reason) return;
    // No more by itself. The session stays open and held: its credentials wait for somebody to start it.
    const { status, code, message } = reason;
    if (status === 'LOGGED_OUT') await saveRecord({ loggedOutAt: clock.now() }).catch(() => {});
    state.moveTo(status, { code, message });
  }

  /** What could not be read at boot turns out to be a session that is not to run. */
  async function restStopped(): Promise<undefined> {
    await letGo('close');
    state.moveTo('STOPPED');
  }

  function begin(): void {
    const over = new AbortController();
    over.signal.addEventListener('abort', () => connection?.end({ origin: 'local' }), { once: true });
    const mine: Life = {
      over,
      done: live(over.signal).finally(() => {
        if (life === mine) life = undefined;
      }),
    };
    life = mine;
  }

  async function endLife(): Promise<void> {
    life?.over.abort();
    await life?.done;
  }

  async function halt(): Promise<void> {
    await endLife();
    await letGo('close');
  }

  /** The old credentials become the archive; nothing of the old device is mixed with the new one. */
  async function pairAnew({ entries, beginAnew }: OpenedSession): Promise<void> {
    const { loggedOutAt: _, ...record } = state.record;
    const archive = (await entries.read(CREDS, [''])).get('');
    await beginAnew(record, [
      { type: CREDS, id: '', value: freshCreds() },
      { type: ARCHIVE, id: '', value: archive },
    ]);
    state.update({ record, account: undefined });
  }

  async function start(): Promise<void> {
    if (life && !WAITS.has(state.status)) return;
    await endLife();
    const { session } = await open();
    if (state.record.loggedOutAt !== undefined) await pairAnew(session);
    if (state.record.desiredState !== 'RUNNING') await saveRecord({ desiredState: 'RUNNING' });
    begin();
  }

  async function stop(): Promise<void> {
    await endLife();
    if (state.record.desiredState !== 'STOPPED') await saveRecord({ desiredState: 'STOPPED' });
    await letGo('close');
    state.moveTo('STOPPED');
  }

  return {
    state,
    halt: () => oneByOne(halt),
    resume: begin,
    start: () => oneByOne(start),
    stop: () => oneByOne(stop),

    connected() {
      const { account, status } = state;
      if (connection && opened && account && status === 'CONNECTED') {
        return { connection, sent: opened.sent, account };
      }
      throw new SessionError('SESSION_NOT_CONNECTED', `session ${id} is ${status}, not CONNECTED`);
    },
  };
}
