import { answerWithin, asStoreError, type Deadline } from '../deadline.ts';
import { StoreError } from '../errors.ts';
import { createPace } from '../pace.ts';
import { comparePositions, isPartOf } from '../position.ts';
import type { Change, CopyHead, Head, SessionStore } from '../store.ts';
import { claimChange } from './claim-change.ts';
import type { ClaimRequest, OtherCopy } from './claim-copies.ts';
import { copySession } from './copy-session.ts';
import { createHeadWaiters } from './head-waiters.ts';
import { judgeFollower, NEEDS_COPY } from './judge-follower.ts';
import { goesOnFrom, mergeChange, type PendingChange } from './pending-change.ts';
import { askStore } from './store-survey.ts';

const PAUSES = { firstMs: 100, longestMs: 5_000 };

/**
 * One store that follows the base store of one open session.
 *
 * What it owes is the difference of two heads, `confirmed` and `target`, and nothing else: nothing about debts is
 * stored, so nothing is forgotten. It is paid with the missing changes while they are held in memory, merged into
 * one write, or by a copy of the base where they are not. A change that was sent is frozen: after a failure the
 * very same bytes are sent again, because the store may hold them already.
 */
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
  /** Says in the store that its copy is complete, where it is: called when the session was closed in peace. */
  markComplete(): Promise<void>;
  stop(): void;
}

export interface FollowerStanding {
  /** Undefined until the store has answered. */
  readonly confirmed: Head | undefined;
  readonly confirmedAt: number | undefined;
  readonly target: Head;
  readonly owedSince: number | undefined;
  readonly error: StoreError | undefined;
}

export interface FollowerOptions extends OtherCopy, Pick<ClaimRequest, 'sessionId' | 'epoch'> {
  readonly base: SessionStore;
  /** False where WRITE_ACK does not wait for this store: its copy is then marked incomplete while we run. */
  readonly isAwaited: boolean;
  readonly target: Head;
  readonly deadline: Deadline;
  /** Changes held for a store that is away; beyond that it is owed a copy. */
  readonly maxPendingBytes: number;
  readonly onFenced: (error: StoreError) => void;
  /** It was silent and has more than we saw: resolves with what ends the session. */
  readonly onAhead: (store: SessionStore, head: CopyHead) => Promise<StoreError>;
}

export function createFollower(options: FollowerOptions): Follower {
  const { sessionId, store, base, epoch, isAwaited, deadline, maxPendingBytes, onFenced, onAhead } = options;
  const stopped = new AbortController();
  const waiters = createHeadWaiters();
  const pace = createPace(deadline.clock, PAUSES);
  let { confirmed, target } = options;
  let confirmedAt: number | undefined;
  let owedSince: number | undefined;
  let pending: PendingChange | undefined;
  let sent: Change | undefined;
  let error: StoreError | undefined;
  let [isWorking, isFirstWord] = [false, options.wasSilent];

  const isCaughtUp = () => confirmed !== undefined && isPartOf(target, confirmed);

  async function work(): Promise<void> {
    if (isWorking) return;
    isWorking = true;
    while (!isCaughtUp() && !stopped.signal.aborted) {
      try {
        await step();
        error = undefined;
        pace.reset();
      } catch (cause) {
        noteFailure(cause);
        await pace.pause();
      }
    }
    if (isCaughtUp()) owedSince = undefined;
    isWorking = false;
  }

  /** One write, or the read that says which write is next. */
  async function step(): Promise<void> {
    if (sent) return sendFrozen(sent);
    if (!confirmed) return findStanding();
    if (!pending || !goesOnFrom(pending, confirmed)) return copyBase();
    sent = { ...claim(confirmed), head: pending.head, entries: [...pending.entries.values()] };
    pending = undefined;
    return sendFrozen(sent);
  }

  async function sendFrozen(change: Change): Promise<void> {
    await answerWithin(store.name, deadline, () => store.applyChange(change));
    sent = undefined;
    confirm(change.head);
  }

  async function findStanding(): Promise<void> {
    const found = await askStore(store, sessionId, deadline);
    if (found.kind === 'failed' && !NEEDS_COPY.has(found.error.code)) throw found.error;
    const verdict = judgeFollower(found, { epoch, openedAt: options.target, target, isFirstWord });
    if (verdict === 'ahead' && found.kind === 'found') return end(await onAhead(store, found.head));
    isFirstWord = false;
    return typeof verdict === 'string' ? copyBase() : sendFrozen(claim(verdict));
  }

  async function copyBase(): Promise<void> {
    const complete = isAwaited;
    confirm(await copySession({ sessionId, from: base, to: store, fence: epoch, complete, deadline }));
  }

  const claim = (head: Head): Change => claimChange({ sessionId, epoch, head, complete: isAwaited });

  function confirm({ epoch, revision, digest }: Head): void {
    confirmed = { epoch, revision, digest };
    confirmedAt = deadline.clock.now();
    if (pending && comparePositions(pending.head, confirmed) <= 0) pending = undefined;
    waiters.arrive(confirmed);
  }

  function noteFailure(cause: unknown): void {
    error = asStoreError(store.name, cause);
    if (NEEDS_COPY.has(error.code)) confirmed = sent = pending = undefined;
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
      owedSince ??= deadline.clock.now();
      target = change.head;
      pending = mergeChange(pending, change, maxPendingBytes);
      void work();
    },

    reset(head) {
      owedSince ??= deadline.clock.now();
      target = head;
      confirmed = sent = pending = undefined;
      isFirstWord = false;
      void work();
    },

    reached(head) {
      if (confirmed && comparePositions(head, confirmed) <= 0) return Promise.resolve();
      if (stopped.signal.aborted) return Promise.reject(error ?? closed(store.name));
      const arrival = waiters.wait(head);
      void work();
      return arrival;
    },

    hurry: pace.hurry,
    standing: () => ({ target, confirmed, confirmedAt, owedSince, error }),

    async markComplete() {
      if (isAwaited || !confirmed || !isCaughtUp()) return;
      const change = { ...claim(confirmed), complete: true };
      await answerWithin(store.name, deadline, () => store.applyChange(change));
    },

    stop: () => stop(closed(store.name)),
  };
}

function closed(store: string): StoreError {
  return new StoreError('STORE_CLOSED', store, 'the session was closed before this store had everything');
}
