import type { StoreErrorCode } from '../../src/core/errors.ts';
import {
  type Change,
  type CopyHead,
  type EntryChange,
  ORIGIN,
  type Position,
  type Replacement,
} from '../../src/core/store.ts';

/** One session in a memory store; never changed in place. Without a head it was leased and never written. */
export interface MemoryCopy {
  readonly fence: number;
  readonly head?: CopyHead;
  readonly entries: ReadonlyMap<string, Uint8Array>;
  readonly damaged?: true;
}

export interface Refusal {
  readonly code: StoreErrorCode;
  readonly message: string;
}

/** The rules of `applyChange`, word for word: the copy after the change, or why it is refused. */
export function changeCopy(copy: MemoryCopy | undefined, change: Change, now: number): MemoryCopy | Refusal {
  const head = copy?.head;
  const fence = copy?.fence ?? 0;
  const stands = head ?? ORIGIN;
  if (change.fence < fence) return refuse('STORE_FENCED', change.sessionId, stands);
  if (compare(stands, change.head) === 0) {
    if ((head?.digest ?? '') !== change.head.digest)
      return refuse('STORE_DIVERGED', change.sessionId, stands);
    return claim(copy, change, now);
  }
  if (head?.deleted && change.head.epoch <= head.epoch)
    return refuse('STORE_FENCED', change.sessionId, stands);
  if (compare(stands, change.base) < 0) return refuse('STORE_STALE', change.sessionId, stands);
  if (compare(stands, change.base) > 0) return refuse('STORE_DIVERGED', change.sessionId, stands);
  return {
    fence: change.fence,
    head: nextCopyHead(head, { ...change, deleted: false }, now),
    entries: withChanges(copy?.entries, change.entries),
  };
}

/** The rules of `replaceSession`. */
export function replaceCopy(
  copy: MemoryCopy | undefined,
  replacement: Replacement,
  entries: ReadonlyMap<string, Uint8Array>,
  now: number,
): MemoryCopy | Refusal {
  const { sessionId, fence, head, deleted } = replacement;
  // Of a damaged copy only the fence is known.
  const old = copy?.damaged ? undefined : copy?.head;
  const stands = old ?? ORIGIN;
  if (fence < (copy?.fence ?? 0)) return refuse('STORE_FENCED', sessionId, stands);
  if (compare(head, stands) < 0) return refuse('STORE_STALE', sessionId, stands);
  if (old && compare(head, old) === 0 && head.digest !== old.digest)
    return refuse('STORE_DIVERGED', sessionId, stands);
  return { fence, head: nextCopyHead(old, replacement, now), entries: deleted ? new Map() : entries };
}

/** Not `slice`: of a Buffer that is a view of the same memory. */
export const copyOf = (value: Uint8Array): Uint8Array => new Uint8Array(value);

const compare = (a: Position, b: Position) => a.epoch - b.epoch || a.revision - b.revision;

function refuse(code: StoreErrorCode, sessionId: string, stands: Position): Refusal {
  return { code, message: `session ${sessionId} stands at ${stands.epoch}.${stands.revision}` };
}

function claim(copy: MemoryCopy | undefined, { fence, complete }: Change, now: number): MemoryCopy {
  const entries = copy?.entries ?? new Map();
  return copy?.head
    ? { fence, head: { ...copy.head, fence, complete, updatedAt: now }, entries }
    : { fence, entries };
}

type Told = Pick<Replacement, 'fence' | 'head' | 'complete' | 'deleted'>;

function nextCopyHead(
  old: CopyHead | undefined,
  { fence, head, complete, deleted }: Told,
  now: number,
): CopyHead {
  const { epoch, revision, digest } = head;
  const createdAt = old && !old.deleted ? old.createdAt : now;
  return { epoch, revision, digest, fence, complete, deleted, createdAt, updatedAt: now };
}

function withChanges(entries: ReadonlyMap<string, Uint8Array> | undefined, changes: readonly EntryChange[]) {
  const next = new Map(entries);
  for (const { name, value } of changes) {
    if (value) next.set(name, copyOf(value));
    else next.delete(name);
  }
  return next;
}
