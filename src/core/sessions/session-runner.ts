import type { SessionConnection } from '../baileys/session-connection.ts';
import type { StoreChain } from '../chain/store-chain.ts';
import { SessionError } from '../errors.ts';
import { createLane } from '../lane.ts';
import type { LeaseKeeper, WhereHeld } from '../leases/lease-keeper.ts';
import type { LeaseWatch } from '../leases/lease-watch.ts';
import type { SessionVault } from '../vault/session-vault.ts';
import { type ConnectedSession, requireConnected } from './connected-session.ts';
import { REOPENED, shown } from './disconnect-reasons.ts';
import { createHeldAttempt, type HeldAttemptDeps } from './held-attempt.ts';
import { type FirstStatus, keepConnected, WAITS } from './keep-connected.ts';
import { createSessionHolding, type MakeSession, type SessionHolding } from './session-holding.ts';
import { createSessionLife } from './session-life.ts';
import { createSessionStandby } from './session-standby.ts';
import type { SessionState } from './session-state.ts';

/** The life of one session on this server: open, connect, lose the connection, connect again. */
export interface SessionRunner {
  readonly state: SessionState;
  readonly holding: SessionHolding;
  /** Opens and starts; rejects where the session cannot be opened. A session that is connected is left alone. */
  start(whereHeld?: WhereHeld): Promise<void>;
  /** Starts, and goes on trying where the session cannot be opened. */
  resume(): void;
  /** The same where it rests although it is to run, so that nobody has a part in it. */
  takeUp(): void;
  /** It is deleted: told once, and what still waits for its turn starts nothing. */
  gone(): void;
  /** Another server runs it: waits until it does not, unless the session is run or waited for already. */
  standBy(heldBy: string): Promise<boolean>;
  /** Learns from the stores how it stands, where this server has no part in it. */
  refresh(): Promise<void>;
  /** Ends the socket, lets the stores catch up, gives the lease back. */
  halt(): Promise<void>;
  /** Halts, and works on the closed session before anybody can start it again. */
  afterHalt<T>(work: () => Promise<T>): Promise<T>;
  /** Halts, and remembers that somebody wanted that. */
  stop(): Promise<void>;
  /** Halts, works on the closed session, and starts again where it ran before; where nobody held it, nobody does after. */
  whileHalted<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when the session rests: after a logout, once it has been noted. */
  settled(): Promise<void>;
  /** The socket, while there is one. */
  connection(): SessionConnection | undefined;
  /** SESSION_HELD_ELSEWHERE, and SESSION_NOT_CONNECTED while nobody is logged in. */
  connected(): ConnectedSession;
}

export interface RunnerDeps extends HeldAttemptDeps {
  readonly vault: SessionVault;
  readonly watch: LeaseWatch;
  readonly chain: StoreChain;
  /** In [0, 1). */
  readonly random: () => number;
  readonly leases: LeaseKeeper;
  /** Somebody else deleted it. */
  readonly onGone: (sessionId: string) => void;
}

/** `create`: how the session is made, where this server is just making it. */
export function createSessionRunner(
  deps: RunnerDeps,
  id: string,
  state: SessionState,
  create?: MakeSession,
): SessionRunner {
  const { clock, random } = deps;
  const oneByOne = createLane();
  const standby = createSessionStandby({ ...deps, id, state, onGone: gone });
  const holding = createSessionHolding({ ...deps, id, state, create, onFailure: () => attempt.endSocket() });
  const attempt = createHeldAttempt(deps, { id, state, holding, holder: deps.leases.holder, restStopped });
  const life = createSessionLife(live);

  let isGone = false;

  /** One after the other; what comes to its turn when the session is deleted is told so. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> =>
    oneByOne(async () => {
      if (isGone) throw new SessionError('SESSION_NOT_FOUND', `session ${id} was deleted`);
      return work();
    });

  async function restStopped(): Promise<undefined> {
    state.moveTo('STOPPED');
    await holding.letGo('close');
  }

  async function live(over: AbortSignal, first: FirstStatus): Promise<void> {
    over.addEventListener('abort', attempt.endSocket, { once: true });
    const reason = await keepConnected(
      { state, first, clock, random, turn: standby.turn, attempt: attempt.run },
      over,
    );
    if (!reason) return;
    if (reason.code === 'SESSION_NOT_FOUND' && (await standby.isDeleted())) return gone();
    // No more by itself. The session stays open and held: its credentials wait for somebody to start it.
    const { status } = reason;
    if (status === 'LOGGED_OUT') await holding.saveRecord({ loggedOutAt: clock.now() }).catch(() => {});
    state.moveTo(status, shown(reason));
  }

  function goOn(): void {
    if (!isGone && !life.isAlive()) life.begin(state.status === 'STANDBY' ? 'STANDBY' : 'CONNECTING');
  }

  async function halt(): Promise<void> {
    await life.end();
    await holding.letGo('close');
  }

  /** What somebody asked for and could not be saved changes nothing: what went on by itself goes on. */
  async function orGoOn(save: () => Promise<void>): Promise<void> {
    const wasAlive = life.isAlive();
    await life.end();
    try {
      await save();
    } catch (error) {
      if (wasAlive) goOn();
      throw error;
    }
  }

  async function start(whereHeld?: WhereHeld): Promise<void> {
    if (life.isAlive() && !WAITS.has(state.status)) return;
    await orGoOn(async () => {
      await holding.open(whereHeld);
      if (state.record.loggedOutAt !== undefined) await holding.beginAnew();
      if (state.record.desiredState !== 'RUNNING') await holding.saveRecord({ desiredState: 'RUNNING' });
    });
    life.begin();
  }

  async function stop(): Promise<void> {
    await orGoOn(async () => {
      if (state.record.desiredState !== 'STOPPED') await holding.saveRecord({ desiredState: 'STOPPED' });
    });
    await restStopped();
  }

  async function whileHalted<T>(work: () => Promise<T>): Promise<T> {
    const wasAlive = life.isAlive();
    const wasConnected = state.status === 'CONNECTED';
    const wasHeld = holding.held() !== undefined;
    await halt();
    if (wasConnected) state.moveTo('RECONNECTING', REOPENED);
    try {
      return await work();
    } finally {
      if (wasConnected) life.begin('RECONNECTING');
      else if (wasAlive) goOn();
      else if (!wasHeld) await holding.letGo('close');
    }
  }

  /** Who waits for a time, to try again, waits for that server from now on. */
  async function standBy(heldBy: string): Promise<boolean> {
    if (isGone || holding.held() !== undefined) return false;
    state.update({ heldBy });
    if (life.isAlive() && state.status === 'STANDBY') return true;
    if (life.isAlive() && !WAITS.has(state.status)) return false;
    await life.end();
    // Unless the last try went through meanwhile.
    if (!life.isAlive()) life.begin(holding.held() === undefined ? 'STANDBY' : 'RECONNECTING');
    return true;
  }

  function gone(): void {
    if (!isGone) deps.onGone(id);
    isGone = true;
  }

  async function takeUp(): Promise<void> {
    if (state.record.desiredState === 'RUNNING' && state.status === 'STOPPED') goOn();
  }

  async function refresh(): Promise<void> {
    if (isGone) return;
    if (!life.isAlive() && holding.held() === undefined) await standby.settle();
    else if (state.status === 'STANDBY') await standby.refresh();
  }

  return {
    state,
    holding,
    halt: () => oneByOne(halt),
    afterHalt: work => inTurn(() => halt().then(work)),
    resume: goOn,
    takeUp: () => void oneByOne(takeUp),
    gone,
    standBy: heldBy => oneByOne(() => standBy(heldBy)),
    refresh: () => oneByOne(refresh),
    start: whereHeld => inTurn(() => start(whereHeld)),
    stop: () => inTurn(stop),
    whileHalted: work => inTurn(() => whileHalted(work)),
    connection: attempt.connection,
    settled: life.settled,
    connected: () => requireConnected(state, holding, attempt.connection()),
  };
}
