import { answerWithin, type Deadline, isTransient } from '../deadline.ts';
import { StoreError, type StoreErrorCode } from '../errors.ts';
import { ORIGIN_HEAD } from '../position.ts';
import type { Head, SessionStore } from '../store.ts';
import { claimChange } from './claim-change.ts';
import { copySession } from './copy-session.ts';
import {
  type FoundCopy,
  isSameCopy,
  requireFreshest,
  type StoreAnswer,
  surveyStores,
  throwSilence,
} from './store-survey.ts';

/** The copies of one session when its new owner has them: which one is right is decided, and nobody older can change it. */
export interface ClaimedCopies {
  /** Where the session stands. */
  readonly head: Head;
  readonly isPossiblyBehind: boolean;
  /** The first store: it holds the session as it is at `head`. */
  readonly base: SessionStore;
  /** The others, and where those that are part of our history stand. What could not be claimed is looked at later. */
  readonly others: readonly OtherCopy[];
}

export interface OtherCopy {
  readonly store: SessionStore;
  /** What the store holds, where that is known and part of our history. */
  readonly confirmed: Head | undefined;
  /** It did not answer when the session was opened. */
  readonly wasSilent: boolean;
}

export interface ClaimOptions {
  /** `refuse`: no session starts while one of its stores cannot be asked, which may hold a fresher copy (law 10). */
  readonly startWithoutStores: 'allow' | 'refuse';
  readonly awaited: ReadonlySet<string>;
  readonly deadline: Deadline;
}

export interface ClaimRequest {
  readonly sessionId: string;
  /** Epoch of the lease, which is held already. */
  readonly epoch: number;
  /** The stores that may hold this session, in chain order. */
  readonly members: readonly SessionStore[];
  /** Whether every copy is taken for the epoch now, or by what is written to it. */
  readonly claim: 'at-once' | 'with-first-write';
  /** What becomes of damaged copies where no store has a whole one: only a tombstone may take their place. */
  readonly whereDamaged?: 'refuse' | 'replace' | undefined;
  /** Whether the last owner may have been ahead of the freshest of these copies. */
  readonly isPossiblyBehind: (answers: readonly StoreAnswer[]) => boolean;
}

/** An older owner has at most one write under way in a store; what it still lands after that many looks is no accident. */
const LOOKS = 5;
/** The copy is not where it was when we looked. */
const MOVED: ReadonlySet<StoreErrorCode> = new Set(['STORE_STALE', 'STORE_DIVERGED']);

/**
 * Takes the freshest copy whole, fills the base from it, and claims every copy that stands there.
 *
 * The write that an older owner has under way may land after we have looked, and be acknowledged to it. It counts: a
 * copy is ours from our claim on, and one that moved before is looked at again, so that nothing acknowledged is lost.
 */
export async function claimCopies(options: ClaimOptions, request: ClaimRequest): Promise<ClaimedCopies> {
  for (let look = 1; ; look += 1) {
    try {
      return await claimOnce(options, request);
    } catch (error) {
      if (!(error instanceof CopyMoved)) throw error;
      if (look === LOOKS) throw error.refusal;
    }
  }
}

class CopyMoved extends Error {
  readonly refusal: StoreError;

  constructor(sessionId: string, cause: StoreError) {
    super(cause.message);
    const message = `session ${sessionId} is still written by an older owner`;
    this.refusal = new StoreError('STORE_UNAVAILABLE', cause.store, message, { cause });
  }
}

async function claimOnce(options: ClaimOptions, request: ClaimRequest): Promise<ClaimedCopies> {
  const { sessionId, epoch, members } = request;
  const { startWithoutStores, awaited, deadline } = options;
  const answers = await surveyStores(members, sessionId, deadline);
  if (startWithoutStores === 'refuse') throwSilence(answers);
  const freshest = requireFreshest(answers, request.whereDamaged);
  const at: Head = freshest?.head ?? ORIGIN_HEAD;
  const isPossiblyBehind = request.isPossiblyBehind(answers);

  async function claim(store: SessionStore, complete: boolean): Promise<void> {
    if (request.claim === 'with-first-write') return;
    const change = claimChange({ sessionId, epoch, head: at, complete });
    try {
      await answerWithin(store.name, deadline, () => store.applyChange(change));
    } catch (error) {
      if (error instanceof StoreError && MOVED.has(error.code)) throw new CopyMoved(sessionId, error);
      throw error;
    }
  }

  async function claimOther(answer: StoreAnswer): Promise<Head | undefined> {
    if (answer.kind === 'absent' && !freshest) return ORIGIN_HEAD;
    if (!isSameCopy(answer, freshest)) return undefined;
    const isAwaited = awaited.has(answer.store.name);
    try {
      // Where the session may be behind, no copy of this opening vouches for itself: a crash before it was made safe
      // must not hide that.
      await claim(answer.store, (isAwaited || answer.head.deleted) && !isPossiblyBehind);
      return at;
    } catch (error) {
      if (isTransient(error) && !(isAwaited && startWithoutStores === 'refuse')) return undefined;
      throw error;
    }
  }

  async function fillBase(store: SessionStore, { store: from, head }: FoundCopy): Promise<void> {
    await claim(from, head.complete);
    await copySession({ sessionId, from, to: store, fence: epoch, complete: !isPossiblyBehind, deadline });
  }

  const base = baseOf(request, answers);
  if (isSameCopy(answers[0], freshest)) await claim(base, !isPossiblyBehind);
  else if (freshest) await fillBase(base, freshest);
  const others = await Promise.all(
    answers.slice(1).map(async answer => ({
      store: answer.store,
      confirmed: await claimOther(answer),
      wasSilent: answer.kind === 'failed',
    })),
  );
  return { head: at, isPossiblyBehind, base, others };
}

/** One that is damaged is filled from another; one that cannot be asked is not to be written over. */
function baseOf({ sessionId }: ClaimRequest, [first]: readonly StoreAnswer[]): SessionStore {
  if (!first)
    throw new StoreError('STORE_UNAVAILABLE', 'chain', `session ${sessionId} is excluded from every store`);
  throwSilence([first]);
  return first.store;
}
