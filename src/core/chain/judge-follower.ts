import { StoreError } from '../errors.ts';
import { comparePositions, isSameHead } from '../position.ts';
import type { Head } from '../store.ts';
import type { StoreAnswer } from './store-survey.ts';

export interface Session {
  /** Of its owner. */
  readonly epoch: number;
  readonly openedAt: Head;
  readonly target: Head;
  /** Whether this is the first word of a store that was silent at the opening. Later ones have what we gave them. */
  readonly isFirstWord: boolean;
}

/**
 * Pure: what becomes of a store that was silent when the session was opened.
 * - A head: it has all of it, or stands where the session was opened; what it lacks is added.
 * - An error: it has what an older owner wrote and we never saw. The session has to be opened again with that copy in
 *   sight: it is taken where nothing was written since, and told of as what we may lack where something was
 *   (`mayBeBehind`).
 * - `other`: it gets a copy, over nothing, damage, a tombstone or another history.
 */
export function judgeFollower(
  found: StoreAnswer,
  { epoch, openedAt, target, isFirstWord }: Session,
): Head | StoreError | 'other' {
  if (found.kind !== 'found' || found.head.deleted) return 'other';
  const { head, store } = found;
  if (isSameHead(head, target) || isSameHead(head, openedAt)) return head;
  if (!isFirstWord || head.epoch >= epoch || comparePositions(head, openedAt) <= 0) return 'other';
  const message = `has more than the copy that the session was opened from while this store was silent`;
  return new StoreError('STORE_DIVERGED', store.name, message);
}
