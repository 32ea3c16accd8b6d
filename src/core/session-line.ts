import { copySession } from './copy-session.ts';
import { answerWithin, type Deadline } from './deadline.ts';
import { StoreError } from './errors.ts';
import { createFollower, type Follower } from './follower.ts';
import { isSameHead, ORIGIN_HEAD } from './position.ts';
import type { Change, Head, Replacement, SessionStore } from './store.ts';
import { freshestCopy, type StoreAnswer, surveyStores } from './store-survey.ts';

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
  /** No copy at that place is known to be complete: its last owner may have been ahead of all that answer (law 6). */
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

export interface LineOptions {
  /** `refuse`: no session starts while one of its stores cannot be asked, which may hold a fresher copy (law 10). */
  readonly startWithoutStores: 'allow' | 'refuse';
  readonly awaited: ReadonlySet<string>;
  readonly deadline: Deadline;
  readonly maxPendingBytes: number;
}

export interface LineRequest {
  readonly sessionId: string;
  /** Epoch of the lease, which is held already: the survey below sees all that an older owner could write. */
  readonly epoch: number;
  /** The stores that may hold this session, in chain order. */
  readonly members: readonly SessionStore[];
  /** Whether every copy is taken for the epoch now, or by what is written to it. */
  readonly claim: 'at-once' | 'with-first-write';
  /** A store turned out to know a newer owner: this one has to stop. */
  readonly onFenced: (error: StoreError) => void;
}

export async function openSessionLine(options: LineOptions, request: LineRequest): Promise<SessionLine> {
  const { sessionId, members } = request;
  const answers = await surveyStores(members, sessionId, options.deadline);
  const silent = answers.find(answer => answer.kind === 'failed' && answer.error.code !== 'SESSION_CORRUPT');
  if (options.startWithoutStores === 'refuse' && silent?.kind === 'failed') throw silent.error;
  const freshest = freshestCopy(answers)?.head;
  const openedAt = freshest ?? ORIGIN_HEAD;
  // A store that was told to forget the session holds a tombstone where the others may still stand alive.
  const isDeleted = freshest?.deleted ?? false;
  const isPossiblyBehind =
    openedAt !== ORIGIN_HEAD && !answers.some(answer => isCompleteAt(answer, openedAt));
  const base = await prepareBase(request, answers, { complete: !isPossiblyBehind, ...options });
  let fenced: StoreError | undefined;
  const followers = await Promise.all(answers.slice(1).map(follow));
  const awaited = followers.filter(({ store }) => options.awaited.has(store.name));

  async function follow(answer: StoreAnswer): Promise<Follower> {
    // Where the session may be behind, no copy of this opening vouches for itself: a crash before it was made safe
    // must not hide that.
    const isAwaited = options.awaited.has(answer.store.name) && !isPossiblyBehind;
    const confirmed = await claimCopy(answer, openedAt, isAwaited);
    return createFollower({
      ...options,
      ...request,
      store: answer.store,
      base,
      isAwaited,
      confirmed,
      target: openedAt,
      onFenced,
    });
  }

  function onFenced(error: StoreError): void {
    fenced = error;
    request.onFenced(error);
  }

  /** Takes a copy that is in step for this epoch. What cannot be claimed now, its follower looks at later. */
  async function claimCopy(answer: StoreAnswer, at: Head, complete: boolean): Promise<Head | undefined> {
    if (answer.kind === 'absent' && at === ORIGIN_HEAD) return ORIGIN_HEAD;
    if (answer.kind !== 'found' || answer.head.deleted !== isDeleted || !isSameHead(answer.head, at))
      return undefined;
    if (request.claim === 'with-first-write') return at;
    const { store } = answer;
    const claim = { sessionId, fence: request.epoch, base: at, head: at, complete, entries: [] };
    return answerWithin(store.name, options.deadline, () => store.applyChange(claim)).then(
      () => at,
      () => undefined,
    );
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

function isCompleteAt(answer: StoreAnswer, head: Head): boolean {
  return answer.kind === 'found' && answer.head.complete && isSameHead(answer.head, head);
}

/** Makes the first store hold the freshest copy, and claims it: from here on an older writer lands nothing there. */
async function prepareBase(
  { sessionId, epoch: fence, claim }: LineRequest,
  answers: readonly StoreAnswer[],
  { complete, deadline }: { readonly complete: boolean; readonly deadline: Deadline },
): Promise<SessionStore> {
  const [first] = answers;
  if (!first)
    throw new StoreError('STORE_UNAVAILABLE', 'chain', `session ${sessionId} is excluded from every store`);
  const { store } = first;
  const freshest = freshestCopy(answers);
  if (first.kind === 'failed' && (first.error.code !== 'SESSION_CORRUPT' || !freshest)) throw first.error;
  if (!freshest) return store;
  const { head } = freshest;
  if (first.kind === 'found' && isSameHead(first.head, head)) {
    if (claim === 'with-first-write') return store;
    const change = { sessionId, fence, base: head, head, complete, entries: [] };
    await answerWithin(store.name, deadline, () => store.applyChange(change));
    return store;
  }
  await copySession({ sessionId, from: freshest.store, to: store, fence, complete, deadline });
  return store;
}
