import type { Entry } from '../../core/store.ts';
import { createEntryIndex, type EntryIndex } from './entry-index.ts';
import type { FrameWriter } from './frame-writer.ts';
import { checkRecord, measureRecord, writeRecord } from './log-records.ts';
import type { OpenLog } from './open-log.ts';
import { readRawRuns } from './record-reader.ts';

/** Where the entries of a snapshot lie. */
export interface WrittenEntries {
  readonly index: EntryIndex;
  readonly records: number;
  /** Of the records that no later one overwrites. */
  readonly liveBytes: number;
}

/** Writes what a snapshot holds, between its first frame and its last. */
export type WriteEntries = (writer: FrameWriter) => Promise<WrittenEntries>;

/** Of one name that comes twice the later one counts. */
export function encodeEntries(entries: AsyncIterable<Entry> | Iterable<Entry>): WriteEntries {
  return async writer => {
    const index = createEntryIndex();
    let records = 0;
    let liveBytes = 0;
    for await (const entry of entries) {
      const record = measureRecord(entry);
      const { room, location } = writer.reserve(record.lengthBytes);
      writeRecord(room, record);
      const previous = index.set(entry.name, location);
      records += 1;
      liveBytes += location.length - (previous?.length ?? 0);
      if (writer.isFull()) await writer.flush();
    }
    return { index, records, liveBytes };
  };
}

/**
 * What a log holds now, as the records are: a compaction moves them, and need not know what they say. Throws LogDamage
 * where one is not what was written, or its damage would have a frame that vouches for it.
 */
export function copyRecords({ file, content }: OpenLog): WriteEntries {
  return async writer => {
    const { index, liveBytes } = content;
    const moves = new Map<number, number>();
    const held = await file?.hold();
    try {
      for await (const run of held ? readRawRuns(held.file, index.locations()) : []) {
        for (const { bytes, offset } of run) {
          checkRecord(bytes, offset);
          const { room, location } = writer.reserve(bytes.length);
          room.set(bytes);
          moves.set(offset, location.offset);
        }
        if (writer.isFull()) await writer.flush();
      }
    } finally {
      await held?.release();
    }
    return { index: index.moved(moves), records: moves.size, liveBytes };
  };
}
