import type { Location } from './entry-index.ts';
import { type OpenFile, writeFully } from './file-system.ts';
import { encodeFrame, FILE_MAGIC, type FrameMeta } from './log-frames.ts';

const FRAME_RECORDS_BYTES = 256 * 1024;

/** Writes a new log from its beginning. Records are gathered into frames of some size, whatever the size of the copy. */
export interface FrameWriter {
  /** Behind everything that was added. */
  frame(meta: FrameMeta): Promise<void>;
  /** Where the record will lie when it is flushed. */
  add(record: Buffer): Location;
  isFull(): boolean;
  flush(): Promise<void>;
  endBytes(): number;
}

export function createFrameWriter(file: OpenFile): FrameWriter {
  const recordsOffset = encodeFrame({ kind: 'entries' }).recordsOffset;
  let end = 0;
  let pending: Buffer[] = [];
  let pendingBytes = 0;

  async function append(bytes: Uint8Array) {
    await writeFully(file, bytes, end);
    end += bytes.length;
  }
  async function flush() {
    const records = pending;
    pending = [];
    pendingBytes = 0;
    if (records.length > 0) await append(encodeFrame({ kind: 'entries' }, records).bytes);
  }
  return {
    async frame(meta) {
      await flush();
      const { bytes } = encodeFrame(meta);
      await append(end === 0 ? Buffer.concat([FILE_MAGIC, bytes]) : bytes);
    },
    add(record) {
      const location = { offset: end + recordsOffset + pendingBytes, length: record.length };
      pending.push(record);
      pendingBytes += record.length;
      return location;
    },
    isFull: () => pendingBytes >= FRAME_RECORDS_BYTES,
    flush,
    endBytes: () => end,
  };
}
