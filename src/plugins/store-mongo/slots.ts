import { randomUUID } from 'node:crypto';
import type { CopyHead } from '../../core/store.ts';
import {
  bytesIn,
  checked,
  flagIn,
  headFields,
  numberIn,
  readHeadFields,
  textIn,
  verify,
} from './document-fields.ts';
import { numberedId, numberOfId } from './document-ids.ts';
import type { RawDocument } from './documents.ts';
import { packEntries, type StoredChange, unpackEntries } from './packed-entries.ts';

/** Where a copy stands after one slot of its log. */
export interface Place {
  /** Number of the slot: the log of a session is dense and begins with 1. */
  readonly slot: number;
  /** Random text of this slot; the next one names it. */
  readonly mark: string;
  /** The store object that wrote it. */
  readonly writer: string;
  /** Undefined where the copy was claimed and never written. */
  readonly head: CopyHead | undefined;
  readonly fence: number;
  /** Under which the entries lie. */
  readonly generation: string;
  /** What lies below this slot was damaged and is set aside: it is neither read nor removed. */
  readonly floor: number;
}

/** One write of the log: the place it leads to, and what it changes. */
export interface Slot extends Place {
  /** Mark of the slot before. */
  readonly after: string;
  /** True where another store object wrote the slot before: it is kept, so that the other one's late writes collide. */
  readonly isPost: boolean;
  readonly at: number;
  readonly entries: readonly StoredChange[];
}

/** A slot whose entries went into documents of their own, and with it all slots before. */
export interface Checkpoint extends Place {
  /** The one who folded; and the slot since which nobody else did. */
  readonly folder: string;
  readonly soleSince: number;
}

/** The place before the first slot. */
export const BEGINNING: Place = {
  slot: 0,
  mark: '',
  writer: '',
  head: undefined,
  fence: 0,
  generation: '',
  floor: 0,
};

/** What the next slot is to hold. */
export type NextSlot = Pick<Slot, 'head' | 'fence' | 'generation'> & {
  readonly entries: () => Promise<readonly StoredChange[]>;
};

export async function slotAfter(
  place: Place,
  next: NextSlot,
  written: Pick<Slot, 'writer' | 'floor' | 'at'>,
): Promise<Slot> {
  return {
    ...next,
    ...written,
    slot: place.slot + 1,
    mark: randomUUID(),
    after: place.mark,
    isPost: place.writer !== written.writer,
    entries: await next.entries(),
  };
}

const placeDocument = (sessionId: string, place: Place) => ({
  _id: numberedId(sessionId, place.slot),
  mark: place.mark,
  writer: place.writer,
  fence: place.fence,
  generation: place.generation,
  floor: place.floor,
  ...headFields(place.head),
});

export const slotDocument = (sessionId: string, slot: Slot): RawDocument =>
  checked({
    ...placeDocument(sessionId, slot),
    after: slot.after,
    isPost: slot.isPost,
    at: slot.at,
    entries: packEntries(slot.entries),
  });

export const checkpointDocument = (sessionId: string, checkpoint: Checkpoint): RawDocument =>
  checked({
    ...placeDocument(sessionId, checkpoint),
    // For people, who find it here by the name it had in older programs; the store goes by the id.
    sessionId,
    folder: checkpoint.folder,
    soleSince: checkpoint.soleSince,
  });

function readPlace(raw: RawDocument): Place {
  verify(raw);
  const fence = numberIn(raw, 'fence');
  return {
    slot: numberOfId(raw._id),
    mark: textIn(raw, 'mark'),
    writer: textIn(raw, 'writer'),
    head: readHeadFields(raw, fence),
    fence,
    generation: textIn(raw, 'generation'),
    floor: numberIn(raw, 'floor'),
  };
}

export const readSlot = (raw: RawDocument): Slot => ({
  ...readPlace(raw),
  after: textIn(raw, 'after'),
  isPost: flagIn(raw, 'isPost'),
  at: numberIn(raw, 'at'),
  entries: unpackEntries(bytesIn(raw, 'entries')),
});

export const readCheckpoint = (raw: RawDocument): Checkpoint => ({
  ...readPlace(raw),
  folder: textIn(raw, 'folder'),
  soleSince: numberIn(raw, 'soleSince'),
});
