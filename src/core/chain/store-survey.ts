import { answerWithin, asStoreError, type Deadline } from '../deadline.ts';
import type { StoreError } from '../errors.ts';
import { comparePositions, isSameHead } from '../position.ts';
import type { CopyHead, SessionStore } from '../store.ts';

/** What one store answered when it was asked for its copy of a session. Three answers, never two. */
export type StoreAnswer =
  | { readonly kind: 'found'; readonly store: SessionStore; readonly head: CopyHead }
  | { readonly kind: 'absent'; readonly store: SessionStore }
  | { readonly kind: 'failed'; readonly store: SessionStore; readonly error: StoreError };

export type FoundCopy = Extract<StoreAnswer, { kind: 'found' }>;

/** Asks all stores at once. One that does not answer in time counts as failed, never as absent. */
export function surveyStores(
  stores: readonly SessionStore[],
  sessionId: string,
  deadline: Deadline,
): Promise<StoreAnswer[]> {
  return Promise.all(stores.map(store => askStore(store, sessionId, deadline)));
}

export async function askStore(
  store: SessionStore,
  sessionId: string,
  deadline: Deadline,
): Promise<StoreAnswer> {
  try {
    const head = await answerWithin(store.name, deadline, () => store.readHead(sessionId));
    return head ? { kind: 'found', store, head } : { kind: 'absent', store };
  } catch (cause) {
    return { kind: 'failed', store, error: asStoreError(store.name, cause) };
  }
}

/**
 * The copy with the highest position; where two are equal, the earlier store of the chain. The tombstone of a store that
 * was told to forget the session says nothing of the others: it counts where there is nothing else.
 */
export function freshestCopy(answers: readonly StoreAnswer[]): FoundCopy | undefined {
  const found = answers.filter(answer => answer.kind === 'found');
  return newest(found.filter(({ head }) => !isForgotten(head))) ?? newest(found);
}

/** Whether this is the tombstone of a store that was told to forget the session while others keep it. */
export const isForgotten = (head: CopyHead): boolean => head.deleted && !head.complete;

function newest([first, ...others]: readonly FoundCopy[]): FoundCopy | undefined {
  return others.reduce((best, copy) => (best && !isNewer(copy, best) ? best : copy), first);
}

/** A deletion has a place of its own, so of two at one place the living one is the session. */
function isNewer(copy: FoundCopy, best: FoundCopy): boolean {
  const ahead = comparePositions(copy.head, best.head);
  return ahead > 0 || (ahead === 0 && best.head.deleted && !copy.head.deleted);
}

/**
 * Whether a copy is what the freshest one is. A store that was told to forget the session holds a tombstone where the
 * others still live, at the same place: that one vouches for nothing, and nothing may be added to it.
 */
export function isSameCopy(
  answer: StoreAnswer | undefined,
  freshest: FoundCopy | undefined,
): answer is FoundCopy {
  if (answer?.kind !== 'found' || !freshest) return false;
  return answer.head.deleted === freshest.head.deleted && isSameHead(answer.head, freshest.head);
}

/**
 * The last owner may have been ahead of the freshest copy (law 6). Where servers start without their stores: no copy at
 * its place is known to be complete, or one of an older owner has more changes, which the newer one never saw. Where they
 * do not, what one store has alone was never acknowledged, as what a paused owner wrote to its own disk; and a complete
 * copy of the last owner is enough, although another store has more: all that was acknowledged is in both.
 */
export function mayBeBehind(
  answers: readonly StoreAnswer[],
  startWithoutStores: 'allow' | 'refuse',
): boolean {
  const freshest = freshestCopy(answers);
  if (!freshest) return false;
  const copies = answers.filter(answer => answer.kind === 'found');
  const { deleted, epoch, revision } = freshest.head;
  const isVouchedFor = copies.some(copy => isSameCopy(copy, freshest) && copy.head.complete);
  if (startWithoutStores === 'refuse') {
    const bounds = (head: CopyHead) => head.complete && !head.deleted && head.fence >= epoch;
    const isBounded = !deleted && copies.some(({ head }) => bounds(head));
    return !isVouchedFor && !isBounded;
  }
  const isOvertaken = !deleted && copies.some(({ head }) => !head.deleted && head.revision > revision);
  return !isVouchedFor || isOvertaken;
}

/** The highest epoch that any copy has seen; a new owner must be above it. */
export function highestEpoch(answers: readonly StoreAnswer[]): number {
  return answers.reduce(
    (highest, answer) =>
      answer.kind === 'found' ? Math.max(highest, answer.head.fence, answer.head.epoch) : highest,
    0,
  );
}

/**
 * The freshest copy, where it is one to go by. SESSION_CORRUPT, or what a silent store answers, where none is found, or
 * only the tombstone of a store that was told to forget the session: then whoever did not answer may have it.
 */
export function requireFreshest(
  answers: readonly StoreAnswer[],
  whereDamaged: 'refuse' | 'replace' = 'refuse',
): FoundCopy | undefined {
  const freshest = freshestCopy(answers);
  if (!freshest || isForgotten(freshest.head)) throwUnlessAbsent(answers, whereDamaged);
  return freshest;
}

/** Where a store did not say whether it has a copy. */
export function throwSilence(answers: readonly StoreAnswer[]): void {
  for (const answer of answers)
    if (answer.kind === 'failed' && answer.error.code !== 'SESSION_CORRUPT') throw answer.error;
}

/**
 * Law 5: a session is absent only where every store says so. Silence is told before damage: it may end, and then there
 * may be a whole copy.
 */
function throwUnlessAbsent(answers: readonly StoreAnswer[], whereDamaged: 'refuse' | 'replace'): void {
  throwSilence(answers);
  if (whereDamaged === 'replace') return;
  for (const answer of answers) if (answer.kind === 'failed') throw answer.error;
}
