import { answerWithin } from '../deadline.ts';
import type { StoreError } from '../errors.ts';
import type { Change, Head, Replacement, SessionStore } from '../store.ts';
import { type ClaimOptions, type ClaimRequest, claimCopies } from './claim-copies.ts';
import { createFollower, type Follower } from './follower.ts';

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

export interface LineOptions extends ClaimOptions {
  readonly maxPendingBytes: number;
}

export interface LineRequest extends ClaimRequest {
  /** A store turned out to know a newer owner: this one has to stop. */
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
    }),
  );
  const awaited = followers.filter(({ store }) => options.awaited.has(store.name));

  function onFenced(error: StoreError): void {
    fenced = error;
    request.onFenced(error);
  }

  async function reached(head: Head): Promise<void> {
    await Promise.all(awaited.map(follower => follower.reached(head)));
  }

  async function settleOne(follower: Follower): Promise<void> {
    const { target } = follower.standing();
    const caughtUp = answerWithin(follower.store.name, options.deadline, async () => {
      await follower.reached(target);
      await follower.markComplete();
    });
    // A store that is away stays behind, which its head says; the next owner pays.
    await caughtUp.catch(() => {});
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
