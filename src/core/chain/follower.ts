import { answerWithin, asStoreError, type Deadline } from '../deadline.ts';
import { StoreError } from '../errors.ts';
import { createPace } from '../pace.ts';
import { comparePositions, isPartOf } from '../position.ts';
import type { Change, CopyHead, Head, SessionStore } from '../store.ts';
import { claimChange } from './claim-change.ts';
import type { ClaimRequest, OtherCopy } from './claim-copies.ts';
import { copySession } from './copy-session.ts';
import { createFollowerDebt, type DebtOptions, type DebtStanding } from './follower-debt.ts';
import { createHeadWaiters } from './head-waiters.ts';
import { NEEDS_COPY } from './judge-follower.ts';
import { lookAtCopy } from './look-at-copy.ts';

const PAUSES = { firstMs: 100, longestMs: 5_000 };

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
  /** Somebody waits: the next attempt is now. */
  hurry(): void;
  /** Makes sure that the store still has what it took: an older backup may have come in its place since. */
  recheck(): void;
  /** For a session that is closed in peace: resolves when the store has all of it, and says that its copy is complete. */
  settle(onMove: () => void): Promise<void>;
  stop(): void;
}

export interface FollowerStanding extends DebtStanding {
  readonly error: StoreError | undefined;
}

export interface FollowerOptions
  extends OtherCopy,
    Pick<ClaimRequest, 'sessionId' | 'epoch'>,
    Pick<DebtOptions, 'target' | 'maxPendingBytes'> {
  readonly base: SessionStore;
  /** False where WRITE_ACK does not wait for this store: its copy is then marked incomplete while we run. */
  readonly isAwaited: boolean;
  readonly deadline: Deadline;
  readonly onFenced: (error: StoreError) => void;
  /** It was silent and has more than we saw. Resolves with what ends the session. */
  readonly onAhead: (store: SessionStore, head: CopyHead) => Promise<StoreError>;
}

export function createFollower(options: FollowerOptions): Follower {
  const { sessionId, store, base, epoch, isAwaited, deadline, onFenced, onAhead } = options;
  const stopped = new AbortController();
  const waiters = createHeadWaiters();
  const pace = createPace(deadline.clock, PAUSES);
  const debt = createFollowerDebt({
    ...options,
    clock: deadline.clock,
    seal: (at, head, entries) => ({ ...claim(at), head, complete: isComplete(), entries }),
  });
  let error: StoreError | undefined;
  let onMove = () => {};
  let [isWorking, isLeaving, isFirstWord] = [false, false, options.wasSilent];

  async function work(): Promise<void> {
    if (isWorking) return;
    isWorking = true;
    while (!debt.isPaid() && !stopped.signal.aborted) {
      try {
        await step();
        error = undefined;
        pace.reset();
      } catch (cause) {
        noteFailure(cause);
        await pace.pause();
      }
    }
    isWorking = false;
  }

  /** One write, or the read that says which write is next. */
  function step(): Promise<void> {
    const next = debt.next();
    if (next.pay === 'change') return send(next.change);
    return next.pay === 'copy' ? copyBase() : lookAround();
  }

  async function send(change: Change): Promise<void> {
    await answerWithin(store.name, deadline, () => store.applyChange(change));
    confirm(change.head);
  }

  async function lookAround(): Promise<void> {
    const { target, confirmed } = debt.standing();
    const place = { openedAt: options.target, target, confirmed, complete: isComplete() };
    const look = await lookAtCopy({ sessionId, store, epoch, deadline, isFirstWord, ...place });
    if (look.kind === 'ahead') return end(await onAhead(store, look.head));
    isFirstWord = false;
    if (look.kind === 'replace') return copyBase();
    return look.kind === 'unchanged' ? confirm(look.head) : send(claim(look.head));
  }

  async function copyBase(): Promise<void> {
    const asked = { sessionId, from: base, to: store, fence: epoch, complete: isComplete(), deadline };
    confirm(await copySession({ ...asked, onMove: () => onMove() }));
  }

  const isComplete = () => isAwaited || isLeaving;

  /** A copy that lacks something says so, until it has that. */
  function claim(head: Head): Change {
    return claimChange({
      sessionId,
      epoch,
      head,
      complete: isComplete() && isPartOf(debt.standing().target, head),
    });
  }

  function confirm(head: Head): void {
    debt.confirm(head);
    waiters.arrive(head);
  }

  function reached(head: Head): Promise<void> {
    const { confirmed } = debt.standing();
    if (confirmed && comparePositions(head, confirmed) <= 0) return Promise.resolve();
    if (stopped.signal.aborted) return Promise.reject(error ?? closed(store.name));
    const arrival = waiters.wait(head);
    void work();
    return arrival;
  }

  function noteFailure(cause: unknown): void {
    error = asStoreError(store.name, cause);
    if (NEEDS_COPY.has(error.code)) debt.forget();
    if (error.code === 'STORE_FENCED') end(error);
  }

  /** The session is over, not only this store's part of it. */
  function end(reason: StoreError): void {
    error = reason;
    stop(reason);
    onFenced(reason);
  }

  function stop(reason: StoreError): void {
    stopped.abort();
    pace.hurry();
    waiters.reject(reason);
  }

  void work();
  return {
    store,

    offer(change) {
      if (stopped.signal.aborted) return;
      debt.add(change);
      void work();
    },

    reset(head) {
      debt.addCopy(head);
      isFirstWord = false;
      void work();
    },

    reached,
    hurry: pace.hurry,
    standing: () => ({ ...debt.standing(), error }),

    recheck() {
      debt.doubt();
      void work();
    },

    async settle(moved) {
      onMove = moved;
      pace.hurry();
      const { target } = debt.standing();
      await reached(target);
      isLeaving = true;
      debt.doubt();
      const arrival = waiters.wait(target);
      void work();
      await arrival;
    },

    stop: () => stop(closed(store.name)),
  };
}

function closed(store: string): StoreError {
  return new StoreError('STORE_CLOSED', store, 'the session was closed before this store had everything');
}
