import { StoreError } from '../errors.ts';
import { nextHead } from '../position.ts';
import type { Change, CopyHead, Head, Replacement, SessionStore } from '../store.ts';
import { type ClaimOptions, type ClaimRequest, claimCopies } from './claim-copies.ts';
import { createFollower, type Follower } from './follower.ts';
import { tombstone } from './tombstone.ts';
import { whileMoving } from './while-moving.ts';

/**
 * One open session in the chain: the store it is read from, and those that follow.
 *
 * Which copy is right is decided once, when the line is opened: the one with the highest position is taken whole,
 * and the base is filled from it before anything is read. Never one key from here and another from there.
 */
export interface SessionLine {
  readonly base: SessionStore;
  readonly followers: readonly Follower[];
  /** Where the session stood when the line was opened. */
  readonly openedAt: Head;
  /** Its last owner may have been ahead of all that answer (law 6). */
  readonly isPossiblyBehind: boolean;
  /** To the base, then to all others at once and in order; resolves when every awaited store has it. */
  apply(change: Change): Promise<void>;
  /** The same for a whole copy, but resolves when the base has it. */
  replace(replacement: Replacement): Promise<void>;
  /** Resolves when every awaited store has come to this place. */
  reached(head: Head): Promise<void>;
  /** Lets every store that answers in time catch up and marks its copy complete. */
  settle(): Promise<void>;
  stop(): void;
}

/** Of a stop that has ten seconds, a lease that is to be given back, and a store that says nothing. */
const SETTLE_MS = 5_000;

export interface LineOptions extends ClaimOptions {
  readonly maxPendingBytes: number;
}

export interface LineRequest extends ClaimRequest {
  /**
   * This owner has to stop: a store turned out to know a newer one (STORE_FENCED), or to have more than was seen when
   * the session was opened (STORE_DIVERGED): it is to be opened again.
   */
  readonly onFenced: (error: StoreError) => void;
}

export async function openSessionLine(options: LineOptions, request: LineRequest): Promise<SessionLine> {
  const { head: openedAt, isPossiblyBehind, base, others } = await claimCopies(options, request);
  let fenced: StoreError | undefined;
  const followers = others.map(other =>
    createFollower({
      ...options,
      ...request,
      ...other,
      base,
      isAwaited: options.awaited.has(other.store.name) && !isPossiblyBehind,
      target: openedAt,
      onFenced,
      onAhead,
    }),
  );
  const awaited = followers.filter(({ store }) => options.awaited.has(store.name));

  function onFenced(error: StoreError): void {
    fenced = error;
    request.onFenced(error);
  }

  /** What was written beside a deletion that nobody saw was written to a session that is no more (law 8). */
  async function onAhead(store: SessionStore, seen: CopyHead): Promise<StoreError> {
    const { sessionId, epoch } = request;
    const at = seen.deleted && (await base.readHead(sessionId));
    if (at && !at.deleted) {
      const head = nextHead(at, epoch, []);
      await base.replaceSession(tombstone({ sessionId, epoch, head, complete: true }));
    }
    const what = seen.deleted
      ? 'was told of the deletion of the session'
      : 'has more than the copy it was opened from';
    return new StoreError('STORE_DIVERGED', store.name, `${what}, while it was silent for this server`);
  }

  async function reached(head: Head): Promise<void> {
    await Promise.all(awaited.map(follower => follower.reached(head)));
  }

  async function settleOne({ store, settle }: Follower): Promise<void> {
    const { clock, ms } = options.deadline;
    const patience = { clock, ms: Math.min(ms, SETTLE_MS) };
    // A store that is away stays behind, which its head says; the next owner pays.
    await whileMoving(store.name, patience, settle).catch(() => {});
  }

  return {
    base,
    followers,
    openedAt,
    isPossiblyBehind,

    async apply(change) {
      if (fenced) throw fenced;
      await base.applyChange(change);
      for (const follower of followers) follower.offer(change);
      await reached(change.head);
    },

    async replace(replacement) {
      if (fenced) throw fenced;
      await base.replaceSession(replacement);
      for (const follower of followers) follower.reset(replacement.head);
    },

    reached,

    async settle() {
      await Promise.all(followers.map(settleOne));
    },

    stop() {
      for (const follower of followers) follower.stop();
    },
  };
}
