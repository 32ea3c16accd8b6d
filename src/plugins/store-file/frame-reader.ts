import { type OpenFile, readFully } from './file-system.ts';
import {
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
  isIntact,
  LogDamage,
  type ParsedPayload,
  parsePayload,
  readFrameHeader,
} from './log-frames.ts';

const WINDOW_BYTES = 1024 * 1024;

/** A frame as it lies in the log. Its records are a view that the next read overwrites. */
export interface LogFrame extends ParsedPayload {
  readonly offset: number;
  readonly endOffset: number;
}

export interface FrameReader {
  readonly sizeBytes: number;
  /** The bytes from `offset`, fewer where the file ends: a view that the next call overwrites. */
  bytesAt(offset: number, length: number): Promise<Buffer>;
  /** The frame that begins exactly at `offset`; undefined where none is, or not an intact one. */
  frameAt(offset: number): Promise<LogFrame | undefined>;
  /** Where the frame at `offset`, intact or not, ends by its own account; undefined where none begins. */
  frameEndAt(offset: number): Promise<number | undefined>;
  /** The first intact frame that begins at `offset` or anywhere after it. */
  frameAfter(offset: number): Promise<LogFrame | undefined>;
}

/** Reads a log from front to back through one buffer, whatever its size. */
export function createFrameReader(file: OpenFile, sizeBytes: number): FrameReader {
  let buffer = Buffer.allocUnsafe(Math.min(WINDOW_BYTES, sizeBytes));
  let start = 0;
  let end = 0;

  async function bytesAt(offset: number, length: number): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, sizeBytes - offset));
    if (offset < start || offset + wanted > end) {
      if (wanted > buffer.length) buffer = Buffer.allocUnsafe(wanted);
      start = offset;
      end = start + (await readFully(file, buffer.subarray(0, sizeBytes - offset), offset));
    }
    return buffer.subarray(offset - start, Math.min(offset + wanted, end) - start);
  }

  async function frameAt(offset: number): Promise<LogFrame | undefined> {
    const header = readFrameHeader(await bytesAt(offset, FRAME_HEADER_BYTES));
    const payloadOffset = offset + FRAME_HEADER_BYTES;
    if (!header || payloadOffset + header.lengthBytes > sizeBytes) return undefined;
    const payload = await bytesAt(payloadOffset, header.lengthBytes);
    if (payload.length < header.lengthBytes || !isIntact(payload, header.crc)) return undefined;
    const parsed = parsePayload(payload);
    const recordsOffset = payloadOffset + parsed.recordsOffset;
    return { ...parsed, recordsOffset, offset, endOffset: payloadOffset + header.lengthBytes };
  }

  async function frameEndAt(offset: number): Promise<number | undefined> {
    const header = readFrameHeader(await bytesAt(offset, FRAME_HEADER_BYTES));
    return header && offset + FRAME_HEADER_BYTES + header.lengthBytes;
  }

  async function frameAfter(offset: number): Promise<LogFrame | undefined> {
    for (let at = offset; at + FRAME_HEADER_BYTES <= sizeBytes; ) {
      const bytes = await bytesAt(at, WINDOW_BYTES);
      const found = bytes.indexOf(FRAME_MAGIC);
      if (found < 0) at += Math.max(1, bytes.length - FRAME_MAGIC.length + 1);
      else {
        const frame = await frameAt(at + found).catch(ignoringDamage);
        if (frame) return frame;
        at += found + 1;
      }
    }
    return undefined;
  }

  return { sizeBytes, bytesAt, frameAt, frameEndAt, frameAfter };
}

function ignoringDamage(error: unknown): undefined {
  if (!(error instanceof LogDamage)) throw error;
}
