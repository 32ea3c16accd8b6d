import type { CopyHead } from '../../core/store.ts';
import { createEntryIndex, type EntryIndex, type Location } from './entry-index.ts';
import type { OpenFile } from './file-system.ts';
import { createFrameReader, type FrameReader, type LogFrame } from './frame-reader.ts';
import { FILE_MAGIC, FORMAT, LogDamage } from './log-frames.ts';
import { parseRecords } from './log-records.ts';

/** What a log says about the copy, and where its entries lie. */
export interface LogContent {
  /** Undefined: leased, never written; or damaged. */
  readonly head: CopyHead | undefined;
  readonly fence: number;
  /** Why nothing but the fence is known of this copy. */
  readonly damage: string | undefined;
  readonly index: EntryIndex;
  /** Where the next frame goes. What the file holds after this is a torn tail. */
  readonly endBytes: number;
  /** Of the entries that are not overwritten or deleted. */
  readonly liveBytes: number;
}

/** Written by a later version: intact, and not for us to judge. */
export class UnknownFormat extends Error {
  override readonly name = 'UnknownFormat';
}

/**
 * Reads a whole log. A write that a crash cut off leaves a bad frame with nothing after it: a torn tail, which was
 * never acknowledged and does not count. A bad frame anywhere else was once good, so the log is damaged: what it says
 * after that, and what it would say without that, may both be wrong.
 */
export async function scanLog(file: OpenFile, sessionId: string): Promise<LogContent> {
  const reader = createFrameReader(file, await file.sizeBytes());
  const reading = startReading(sessionId);
  try {
    const magic = await reader.bytesAt(0, FILE_MAGIC.length);
    if (!magic.equals(FILE_MAGIC)) throw new LogDamage('it does not begin as a log');
    const endBytes = await readFrames(reader, reading);
    if (!reading.isSnapshotWhole()) throw new LogDamage('its snapshot is not whole');
    if (!(await isTornTail(reader, endBytes)))
      throw new LogDamage(`the frame at byte ${endBytes} is damaged`);
    return reading.content(endBytes);
  } catch (error) {
    if (!(error instanceof LogDamage)) throw error;
    const fence = await highestFence(reader);
    return { ...contentWithout(error.message), fence, endBytes: reader.sizeBytes };
  }
}

/** Of a session without a log, or with one that can't be believed. */
export const contentWithout = (damage?: string): LogContent => ({
  head: undefined,
  fence: 0,
  damage,
  index: createEntryIndex(),
  endBytes: 0,
  liveBytes: 0,
});

/** Only one write is under way at a time, so a crash spoils one frame, and that is the last. */
async function isTornTail(reader: FrameReader, offset: number): Promise<boolean> {
  const frameEnd = await reader.frameEndAt(offset);
  if (frameEnd !== undefined && frameEnd < reader.sizeBytes) return false;
  return (await reader.frameAfter(offset + 1)) === undefined;
}

async function readFrames(reader: FrameReader, reading: Reading): Promise<number> {
  let offset = FILE_MAGIC.length;
  for (;;) {
    const frame = await reader.frameAt(offset);
    if (!frame) return offset;
    reading.add(frame);
    offset = frame.endOffset;
  }
}

/** The fence is the one thing that may be taken from a damaged log: every frame that is intact was once a promise. */
async function highestFence(reader: FrameReader): Promise<number> {
  let fence = 0;
  for (let offset = 0; ; ) {
    const frame = await reader.frameAfter(offset);
    if (!frame) return fence;
    if ('fence' in frame.meta) fence = Math.max(fence, frame.meta.fence);
    offset = frame.endOffset;
  }
}

interface Reading {
  add(frame: LogFrame): void;
  isSnapshotWhole(): boolean;
  content(endBytes: number): LogContent;
}

function startReading(sessionId: string): Reading {
  // Names in full while the log is read: overwritten entries are then found without reading their records again.
  const live = new Map<string, Location>();
  let part: 'nothing' | 'snapshot' | 'changes' = 'nothing';
  let records = 0;
  let head: CopyHead | undefined;
  let fence = 0;
  let damage: string | undefined;

  const addRecords = (frame: LogFrame) => {
    for (const { name, value, location } of parseRecords(frame.records, frame.recordsOffset)) {
      records += 1;
      if (value) live.set(name, location);
      else live.delete(name);
    }
  };
  return {
    add(frame) {
      const { meta } = frame;
      const expected = { nothing: ['snapshot'], snapshot: ['entries', 'end'], changes: ['change'] }[part];
      if (!expected.includes(meta.kind)) throw new LogDamage(`a frame of kind ${meta.kind} is out of place`);
      if (meta.kind === 'snapshot') {
        if (meta.format > FORMAT)
          throw new UnknownFormat(`its format is ${meta.format}, later than ${FORMAT}`);
        if (meta.sessionId !== sessionId) throw new LogDamage('it is the log of another session');
        if (meta.damaged) damage = 'it was damaged and is set aside';
        part = 'snapshot';
      }
      if (meta.kind === 'end') {
        if (meta.entries !== records) throw new LogDamage('its snapshot lacks entries');
        part = 'changes';
      }
      if ('fence' in meta) ({ fence, head } = { head: undefined, ...meta });
      addRecords(frame);
    },
    isSnapshotWhole: () => part === 'changes',
    content(endBytes) {
      const index = createEntryIndex();
      let liveBytes = 0;
      for (const [name, location] of live) {
        index.set(name, location);
        liveBytes += location.length;
      }
      return { head, fence, damage, index, endBytes, liveBytes };
    },
  };
}
