import { comparePositions } from '../position.ts';
import type { Change, EntryChange, Head, Position } from '../store.ts';

/** Consecutive changes held for one store, merged into one: everything after `base` up to `head`. */
export interface PendingChange {
  readonly base: Position;
  readonly head: Head;
  readonly bytes: number;
  readonly entries: Map<string, EntryChange>;
}

/** Returns undefined where it would hold more than `maxBytes`: the store is owed a copy then. */
export function mergeChange(
  pending: PendingChange | undefined,
  change: Change,
  maxBytes: number,
): PendingChange | undefined {
  const entries = pending?.entries ?? new Map<string, EntryChange>();
  let bytes = pending?.bytes ?? 0;
  for (const entry of change.entries) {
    bytes += sizeOf(entry) - sizeOf(entries.get(entry.name));
    entries.set(entry.name, entry);
  }
  if (bytes > maxBytes) return undefined;
  return { base: pending?.base ?? change.base, head: change.head, bytes, entries };
}

/**
 * Whether a copy that stands at `head` becomes right by this change. It may stand in the middle of what was merged:
 * the change carries whole values, so applying a part of it twice does no harm.
 */
export function goesOnFrom(pending: PendingChange, head: Head): boolean {
  return comparePositions(pending.base, head) <= 0 && comparePositions(head, pending.head) < 0;
}

function sizeOf(entry: EntryChange | undefined): number {
  return entry ? entry.name.length + (entry.value?.length ?? 0) : 0;
}
