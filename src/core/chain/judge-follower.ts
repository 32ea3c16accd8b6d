import type { StoreErrorCode } from '../errors.ts';
import { comparePositions, isSameHead } from '../position.ts';
import type { CopyHead, Head } from '../store.ts';
import { isForgotten, type StoreAnswer } from './store-survey.ts';

/** The copy is not what it was. Whatever it holds now, the whole of the base puts it right. */
export const NEEDS_COPY: ReadonlySet<StoreErrorCode> = new Set([
  'STORE_STALE',
  'STORE_DIVERGED',
  'SESSION_CORRUPT',
]);

export interface Session {
  /** Of its owner. */
  readonly epoch: number;
  readonly openedAt: Head;
  readonly target: Head;
  /** Whether this is the first word of a store that was silent at the opening. Later ones have what we gave them. */
  readonly isFirstWord: boolean;
}

/**
 * Pure: what becomes of a store that was not claimed when the session was opened.
 * - A head: it has all of it, or stands where the session was opened; what it lacks is added.
 * - `ahead`: it was silent, and has what an older owner wrote, or the deletion that somebody asked for, and we never saw.
 * - `other`: it gets a copy, over nothing, damage, an old tombstone or another history.
 */
export function judgeFollower(
  found: StoreAnswer,
  { epoch, openedAt, target, isFirstWord }: Session,
): CopyHead | 'ahead' | 'other' {
  if (found.kind !== 'found' || isForgotten(found.head)) return 'other';
  const { head } = found;
  if (!head.deleted && (isSameHead(head, target) || isSameHead(head, openedAt))) return head;
  const isUnseen = isFirstWord && head.epoch <= epoch && comparePositions(head, openedAt) > 0;
  return isUnseen ? 'ahead' : 'other';
}
