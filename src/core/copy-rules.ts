import type { StoreErrorCode } from './errors.ts';
import { type Change, type CopyHead, ORIGIN, type Position, type Replacement } from './store.ts';

/** Where a copy stands; without a head it is absent. */
export interface Standing {
  readonly head: CopyHead | undefined;
  readonly fence: number;
}

/** `write` the change; `claim` the copy, which has it already, for its sender; or refuse. */
export type ChangeVerdict = 'write' | 'claim' | StoreErrorCode;

/** The rules of `applyChange`, in their order. */
export function judgeChange({ head, fence }: Standing, change: Change): ChangeVerdict {
  const stands = head ?? ORIGIN;
  if (change.fence < fence) return 'STORE_FENCED';
  if (comparePositions(stands, change.head) === 0)
    return change.head.digest === (head?.digest ?? '') ? 'claim' : 'STORE_DIVERGED';
  if (head?.deleted && change.head.epoch <= head.epoch) return 'STORE_FENCED';
  const distance = comparePositions(stands, change.base);
  if (distance < 0) return 'STORE_STALE';
  return distance > 0 ? 'STORE_DIVERGED' : 'write';
}

/** The rules of `replaceSession`. A damaged copy has a fence and no head. */
export function judgeReplacement(
  { head, fence }: Standing,
  replacement: Replacement,
): 'write' | StoreErrorCode {
  if (replacement.fence < fence) return 'STORE_FENCED';
  const distance = comparePositions(replacement.head, head ?? ORIGIN);
  if (distance < 0) return 'STORE_STALE';
  return distance === 0 && head && head.digest !== replacement.head.digest ? 'STORE_DIVERGED' : 'write';
}

type Told = Pick<Replacement, 'fence' | 'head' | 'complete' | 'deleted'>;

/** The head of a copy after a write. A session that begins again after its deletion is a new one. */
export function nextCopyHead(old: CopyHead | undefined, told: Told, now: number): CopyHead {
  const { epoch, revision, digest } = told.head;
  const { fence, complete, deleted } = told;
  const createdAt = old && !old.deleted ? old.createdAt : now;
  return { epoch, revision, digest, fence, complete, deleted, createdAt, updatedAt: now };
}

const comparePositions = (a: Position, b: Position): number => a.epoch - b.epoch || a.revision - b.revision;
