import type { StoreErrorCode } from '../errors.ts';
import { comparePositions, isSameHead } from '../position.ts';
import { type CopyHead, type Head, ORIGIN } from '../store.ts';
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
  /** Where the store stood by its last word, and whether it was told that its copy is complete. */
  readonly confirmed: Head | undefined;
  readonly complete: boolean;
  /** Whether this is the first word of a store that was silent at the opening. Later ones have what we gave them. */
  readonly isFirstWord: boolean;
}

/**
 * Pure: what becomes of a store that was not claimed when the session was opened, or may hold something else by now.
 * - `unchanged`: it has what it had, and is claimed.
 * - A head: it has all of it, or stands where the session was opened; what it lacks is added.
 * - `ahead`: it was silent, and has what an older owner wrote, or the deletion that somebody asked for, and we never saw.
 * - `other`: it gets a copy, over nothing, damage, an old tombstone or another history.
 */
export function judgeFollower(
  found: StoreAnswer,
  session: Session,
): CopyHead | 'unchanged' | 'ahead' | 'other' {
  if (isUnchanged(found, session)) return 'unchanged';
  if (found.kind !== 'found' || isForgotten(found.head)) return 'other';
  const { epoch, openedAt, target, isFirstWord } = session;
  const { head } = found;
  if (!head.deleted && (isSameHead(head, target) || isSameHead(head, openedAt))) return head;
  const isUnseen = isFirstWord && head.epoch <= epoch && comparePositions(head, openedAt) > 0;
  return isUnseen ? 'ahead' : 'other';
}

function isUnchanged(found: StoreAnswer, { epoch, confirmed, complete }: Session): boolean {
  if (!confirmed) return false;
  if (found.kind === 'absent') return comparePositions(confirmed, ORIGIN) === 0;
  if (found.kind === 'failed' || !isSameHead(found.head, confirmed)) return false;
  // A tombstone of the session is always complete.
  return found.head.fence === epoch && found.head.complete === (complete || found.head.deleted);
}
