import type { LinkedAccount } from './baileys/account.ts';
import type { SessionConnection } from './baileys/session-connection.ts';
import { type DisconnectReason, REOPENED, reasonOf, shown } from './disconnect-reasons.ts';
import { SessionError } from './errors.ts';
import { keepConnected } from './keep-connected.ts';
import { createLane } from './lane.ts';
import type { OpenedSession } from './opened-session.ts';
import { pairAnew } from './pair-anew.ts';
import type { SentMessages } from './sent-messages.ts';
import { type AttemptDeps, runAttempt } from './session-attempt.ts';
import { createSessionHolding, type SessionHolding } from './session-holding.ts';
import type { SessionState } from './session-state.ts';
import type { SessionVault } from './session-vault.ts';
import type { SessionStatus } from './session-views.ts';
import { reasonOfStoreFailure } from './store-reasons.ts';

/** The life of one session on this server: open, connect, lose the connection, connect again. */
export interface SessionRunner {
  readonly state: SessionState;
  readonly holding: SessionHolding;
  /** Opens and starts; rejects where the session cannot be opened. A session that is connected is left alone. */
  start(): Promise<void>;
  /** Starts, and goes on trying where the session cannot be opened. */
  resume(): void;
  /** Ends the socket, lets the stores catch up, gives the lease back. */
  halt(): Promise<void>;
  /** Halts, and remembers that somebody wanted that. */
  stop(): Promise<void>;
  /** Halts, does something that needs the session closed, and starts again where it ran before. */
  whileHalted<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when the session rests: after a logout, once it has been noted. */
  settled(): Promise<void>;
  /** The socket, while there is one. */
  connection(): SessionConnection | undefined;
  /** What it takes to send. SESSION_NOT_CONNECTED while nobody is logged in. */
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

/** Where the next attempt is some time away or never comes, and a start by hand means now. */
const WAITS: ReadonlySet<SessionStatus> = new Set([
  'STANDBY',
  'QUARANTINED',
  'RECONNECTING',
  'PAIRING_EXPIRED',
  'LOGGED_OUT',
  'FAILED',
]);

/** `create`: how the session is made, where this server is just making it. */
export function createSessionRunner(
  deps: RunnerDeps,
  id: string,
  state: SessionState,
  create?: (onFailure: (error: Error) => void) => Promise<OpenedSession>,
): SessionRunner {
  const { clock, random } = deps;
  const oneByOne = createLane();
  const endSocket = () => connection?.end({ origin: 'local' });
  const holding = createSessionHolding({ ...deps, id, state, create, onFailure: endSocket });
  let connection: SessionConnection | undefined;
  let life: Life | undefined;

  async function attempt(over: AbortSignal): Promise<DisconnectReason | undefined> {
    try {
      const { session, sent } = await holding.open();
      // What could not be read at boot may turn out to be a session that is not to run.
      if (state.record.desiredState === 'STOPPED') return await restStopped();
      const disconnect = await runAttempt(deps, {
        id,
        state,
        entries: session.entries,
        sent,
        onConnection(current) {
          connection = current;
          if (over.aborted) endSocket();
        },
        onOpen: () => void holding.saveRecord({ lastConnectedAt: clock.now() }).catch(() => {}),
      });
      return reasonOf(disconnect);
    } catch (error) {
      return reasonOfStoreFailure(holding.failure() ?? (error as Error));
    } finally {
      if (holding.failure()) await holding.letGo('abandon');
    }
  }

  async function restStopped(): Promise<undefined> {
    state.moveTo('STOPPED');
    await holding.letGo('close');
  }

  async function live(over: AbortSignal, first: 'CONNECTING' | 'RECONNECTING'): Promise<void> {
    const reason = await keepConnected({ state, first, clock, random, attempt }, over);
    if (!reason) return;
    // No more by itself. The session stays open and held: its credentials wait for somebody to start it.
    const { status } = reason;
    if (status === 'LOGGED_OUT') await holding.saveRecord({ loggedOutAt: clock.now() }).catch(() => {});
    state.moveTo(status, shown(reason));
  }

  function begin(first: 'CONNECTING' | 'RECONNECTING' = 'CONNECTING'): void {
    const over = new AbortController();
    over.signal.addEventListener('abort', endSocket, { once: true });
    const mine: Life = {
      over,
      done: live(over.signal, first).finally(() => {
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
    await holding.letGo('close');
  }

  /** What somebody asked for and could not be saved changes nothing: what went on by itself goes on. */
  async function orGoOn(save: () => Promise<void>): Promise<void> {
    const wasAlive = life !== undefined;
    await endLife();
    try {
      await save();
    } catch (error) {
      if (wasAlive) begin();
      throw error;
    }
  }

  async function start(): Promise<void> {
    if (life && !WAITS.has(state.status)) return;
    await orGoOn(async () => {
      const { session } = await holding.open();
      if (state.record.loggedOutAt !== undefined) await pairAnew(state, session);
      if (state.record.desiredState !== 'RUNNING') await holding.saveRecord({ desiredState: 'RUNNING' });
    });
    begin();
  }

  async function stop(): Promise<void> {
    await orGoOn(async () => {
      if (state.record.desiredState !== 'STOPPED') await holding.saveRecord({ desiredState: 'STOPPED' });
    });
    await restStopped();
  }

  async function whileHalted<T>(work: () => Promise<T>): Promise<T> {
    const wasAlive = life !== undefined;
    const wasConnected = state.status === 'CONNECTED';
    await halt();
    if (wasConnected) state.moveTo('RECONNECTING', REOPENED);
    try {
      return await work();
    } finally {
      if (wasAlive) begin(wasConnected ? 'RECONNECTING' : 'CONNECTING');
    }
  }

  return {
    state,
    holding,
    halt: () => oneByOne(halt),
    resume: () => begin(),
    start: () => oneByOne(start),
    stop: () => oneByOne(stop),
    whileHalted: work => oneByOne(() => whileHalted(work)),
    connection: () => connection,
    settled: async () => life?.done,

    connected() {
      const { account, status } = state;
      const sent = holding.held()?.sent;
      if (connection && sent && account && status === 'CONNECTED') return { connection, sent, account };
      throw new SessionError('SESSION_NOT_CONNECTED', `session ${id} is ${status}, not CONNECTED`);
    },
  };
}
