import { asStoreError } from '../deadline.ts';
import { StoreError } from '../errors.ts';
import { comparePositions, isPartOf } from '../position.ts';
import type { Change, CopyHead, Head, Position, SessionStore } from '../store.ts';
import { createWaiters } from '../waiters.ts';
import type { OtherCopy } from './claim-copies.ts';
import { SourceWentBack } from './copy-session.ts';
import { type CallsOptions, createFollowerCalls } from './follower-calls.ts';
import { createFollowerDebt, type DebtOptions, type DebtStanding, type Payment } from './follower-debt.ts';
import { judgeFollower, NEEDS_COPY } from './judge-follower.ts';
import { createPersistentWork } from './persistent-work.ts';

/** One store that follows the base store of one open session: pays what it owes, one write at a time, until it is told to stop. */
export interface Follower {
  readonly store: SessionStore;
  /** A change that the base store has. */
  offer(change: Change): void;
  /** The base was replaced as a whole: this store is owed a copy. */
  reset(target: Head): void;
  /** Resolves when the store durably holds `head`; rejects when it never will. */
  reached(head: Head): Promise<void>;
  standing(): FollowerStanding;
  /**
   * Resolves when the store still has what it took, or has it again: an older backup may have come in its place. Rejects
   * where it does not say so at the first time of asking.
   */
  verify(): Promise<void>;
  /** The same for somebody who waits for it: at once, and with all that there is now. */
  catchUp(): Promise<void>;
  /** For a session that is closed in peace: the same, and the store says that its copy is complete. */
  settle(onMove: () => void): Promise<void>;
  stop(): void;
}

export interface FollowerStanding extends DebtStanding {
  readonly error: StoreError | undefined;
  /** It is asked, written to, or tried again. */
  readonly isBusy: boolean;
}

export interface FollowerOptions
  extends OtherCopy,
    CallsOptions,
    Pick<DebtOptions, 'target' | 'maxPendingBytes'> {
  /** False where WRITE_ACK does not wait for this store: its copy is then marked incomplete while we run. */
  readonly isAwaited: boolean;
  readonly onFenced: (error: StoreError) => void;
  /** It was silent and has more than we saw. Resolves with what ends the session. */
  readonly onAhead: (store: SessionStore, head: CopyHead) => Promise<StoreError>;
}

export function createFollower(options: FollowerOptions): Follower {
  const { store, epoch, isAwaited, deadline, onFenced, onAhead } = options;
  const calls = createFollowerCalls(options);
  const waiters = createWaiters<Position>(comparePositions);
  const verified = createWaiters<number>((one, other) => one - other);
  const debt = createFollowerDebt({
    ...options,
    clock: deadline.clock,
    seal: (at, head, entries) => ({ ...claim(at), head, complete: isComplete(), entries }),
  });
  const onDone = () => verified.arrive(Number.POSITIVE_INFINITY);
  const work = createPersistentWork({ clock: deadline.clock, isDone: debt.isPaid, step, onDone });
  let error: StoreError | undefined;
  let onMove = () => {};
  let [isLeaving, isFirstWord] = [false, options.wasSilent];

  async function step(): Promise<void> {
    const payment = debt.next();
    try {
      if (payment.with === 'change') await send(payment.change, payment);
      else await (payment.with === 'copy' ? copyBase(payment) : look(payment));
      if (!work.isStopped()) error = undefined;
    } catch (cause) {
      const failure = asStoreError(store.name, cause);
      noteFailure(failure, payment);
      // A change that is refused is looked into at once. Where nothing is owed, whoever asked was told, and that was all.
      if (!debt.isPaid() && (payment.with !== 'change' || !NEEDS_COPY.has(failure.code))) throw failure;
    }
  }

  async function send(change: Change, payment: Payment): Promise<void> {
    await calls.apply(change);
    confirm(change.head, payment);
  }

  async function look(payment: Payment): Promise<void> {
    const found = await calls.look();
    const { target, confirmed, hadSome } = debt.standing();
    const known = { epoch, openedAt: options.target, target, confirmed, complete: isComplete() };
    const verdict = judgeFollower(found, { ...known, isFirstWord });
    if (verdict === 'unchanged' && confirmed) return confirm(confirmed, payment);
    if (verdict === 'ahead' && found.kind === 'found') return end(await onAhead(store, found.head));
    isFirstWord = false;
    const wentBack = typeof verdict === 'string' || (confirmed && !isPartOf(confirmed, verdict));
    if (wentBack) debt.forget();
    if (typeof verdict !== 'string') return send(claim(verdict), payment);
    if (hadSome && found.kind === 'found') await calls.distrust(found.head);
    return copyBase(payment);
  }

  async function copyBase(payment: Payment): Promise<void> {
    const { target: least } = debt.standing();
    confirm(await calls.copyBase({ complete: isComplete(), least, onMove: () => onMove() }), payment);
  }

  const isComplete = () => isAwaited || isLeaving;

  function claim(head: Head): Change {
    const { hadSome, target } = debt.standing();
    // What it lacks at its first word may only be what nobody was told of yet.
    return calls.claim(head, isComplete() && (!hadSome || isPartOf(target, head)));
  }

  function confirm(head: Head, payment: Payment): void {
    debt.confirm(head, payment);
    waiters.arrive(head);
  }

  function reached(head: Head): Promise<void> {
    const { confirmed } = debt.standing();
    if (confirmed && comparePositions(head, confirmed) <= 0) return Promise.resolve();
    if (work.isStopped()) return Promise.reject(error ?? closed(store.name));
    const arrival = waiters.wait(head);
    work.begin();
    return arrival;
  }

  async function verify(): Promise<void> {
    if (work.isStopped()) throw error ?? closed(store.name);
    const answer = verified.wait(debt.doubt());
    work.begin();
    return answer;
  }

  function paid(): Promise<void> {
    work.hurry();
    return reached(debt.standing().target);
  }

  function noteFailure(failure: StoreError, payment: Payment): void {
    if (failure.code === 'STORE_FENCED' || failure.cause instanceof SourceWentBack) end(failure);
    else if (failure.code === 'STORE_CLOSED') stop(failure);
    else if (NEEDS_COPY.has(failure.code)) debt.forget();
    else {
      verified.reject(failure, payment.doubts);
      debt.believe(payment);
    }
    if (!debt.isPaid()) error = failure;
  }

  /** The session is over, not only this store's part of it. */
  function end(reason: StoreError): void {
    error = reason;
    stop(reason);
    onFenced(reason);
  }

  function stop(reason: StoreError): void {
    work.stop();
    waiters.reject(reason);
    verified.reject(reason);
  }

  work.begin();
  return {
    store,

    offer(change) {
      if (work.isStopped()) return;
      debt.add(change);
      work.begin();
    },

    reset(head) {
      debt.addCopy(head);
      isFirstWord = false;
      work.begin();
    },

    reached,
    verify,
    standing: () => ({ ...debt.standing(), error, isBusy: work.isBusy() }),

    catchUp: () => paid().then(verify),

    async settle(moved) {
      onMove = moved;
      await paid();
      isLeaving = true;
      await verify();
    },

    stop: () => stop(closed(store.name)),
  };
}

function closed(store: string): StoreError {
  return new StoreError('STORE_CLOSED', store, 'the session was closed before this store had everything');
}
