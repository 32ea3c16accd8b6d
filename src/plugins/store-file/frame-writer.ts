import type { Location } from './entry-index.ts';
import { type OpenFile, writeFully } from './file-system.ts';
import { encodeFrame, FILE_MAGIC, type FrameMeta, sealFrame } from './log-frames.ts';

const FRAME_RECORDS_BYTES = 256 * 1024;
/** Most copies are small. */
const FIRST_BYTES = 16 * 1024;
const NO_ROOM = Buffer.alloc(0);

/**
 * Writes a new log from its beginning. Records are gathered into frames of some size, whatever the size of the copy:
 * one is filled while the one before is written.
 */
export interface FrameWriter {
  /** Behind everything that was added. Resolves when all of it is written. */
  frame(meta: FrameMeta): Promise<void>;
  /** Room for a record, which has to be filled before anything else is asked for, and where it will lie. */
  reserve(lengthBytes: number): Reserved;
  isFull(): boolean;
  /** Resolves when the next frame can be filled; rejects where the one before could not be written. */
  flush(): Promise<void>;
  endBytes(): number;
}

export interface Reserved {
  readonly room: Buffer;
  readonly location: Location;
}

export function createFrameWriter(file: OpenFile): FrameWriter {
  const { bytes: start, recordsOffset } = encodeFrame({ kind: 'entries' });
  let end = 0;
  let filling: Buffer = NO_ROOM;
  let idle: Buffer = NO_ROOM;
  let used = recordsOffset;
  let writing: Promise<void> = Promise.resolve();

  function emptyFrame(lengthBytes: number): Buffer {
    const frame = Buffer.allocUnsafeSlow(lengthBytes);
    frame.set(start);
    return frame;
  }

  function append(bytes: Uint8Array): Promise<void> {
    const offset = end;
    end += bytes.length;
    return writeFully(file, bytes, offset);
  }

  function makeRoom(lengthBytes: number): void {
    if (lengthBytes <= filling.length) return;
    // A second frame will be as long as the first one.
    const larger = emptyFrame(Math.max(lengthBytes, 2 * filling.length, idle.length, FIRST_BYTES));
    filling.copy(larger, 0, 0, used);
    filling = larger;
  }

  async function flush(): Promise<void> {
    if (used === recordsOffset) return;
    await writing;
    const full = filling.subarray(0, used);
    sealFrame(full);
    writing = append(full);
    // Told by whoever waits for it next; nobody does where the source of the entries fails meanwhile.
    writing.catch(() => {});
    [filling, idle, used] = [idle, filling, recordsOffset];
  }

  return {
    async frame(meta) {
      await flush();
      await writing;
      const { bytes } = encodeFrame(meta);
      await append(end === 0 ? Buffer.concat([FILE_MAGIC, bytes]) : bytes);
    },
    reserve(lengthBytes) {
      makeRoom(used + lengthBytes);
      const location = { offset: end + used, length: lengthBytes };
      const room = filling.subarray(used, used + lengthBytes);
      used += lengthBytes;
      return { room, location };
    },
    isFull: () => used - recordsOffset >= FRAME_RECORDS_BYTES,
    flush,
    endBytes: () => end,
  };
}
