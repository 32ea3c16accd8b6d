import { createHash } from 'node:crypto';
import { type EntryChange, type Head, ORIGIN, type Position } from './store.ts';

/** Negative where `a` is older than `b`, 0 where they are the same place. */
export function comparePositions(a: Position, b: Position): number {
  return a.epoch - b.epoch || a.revision - b.revision;
}

/** The head of a session without any change. */
export const ORIGIN_HEAD: Head = { ...ORIGIN, digest: '' };

/** Whether two heads are the same place in the same history. */
export function isSameHead(a: Head, b: Head): boolean {
  return comparePositions(a, b) === 0 && a.digest === b.digest;
}

/** Whether a copy of ours at `place` has all up to `head`. By a copy it may be ahead of what anybody told of yet. */
export function isPartOf(head: Head, place: Head): boolean {
  return isSameHead(head, place) || comparePositions(head, place) < 0;
}

/**
 * The head after one more change. Each digest covers the digest before it, as commits do: equal digests mean equal
 * histories, whichever batches they travelled in.
 */
export function nextHead(previous: Head, epoch: number, entries: readonly EntryChange[]): Head {
  const revision = previous.revision + 1;
  const hash = createHash('sha256').update(`${previous.digest}/${epoch}/${revision}/${entries.length}`);
  for (const { name, value } of entries) {
    hash.update(`/${name.length}/${value?.length ?? 'deleted'}/${name}`);
    if (value) hash.update(value);
  }
  return { epoch, revision, digest: hash.digest('hex').slice(0, 32) };
}
