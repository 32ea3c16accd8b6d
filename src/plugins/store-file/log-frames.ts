import { crc32 } from 'node:zlib';
import type { CopyHead } from '../../core/store.ts';

/**
 * A log is FILE_MAGIC and then frames: magic u32 | payload length u32 | crc32 of the payload u32 | payload.
 * A payload is the length of its meta u32 | meta as JSON | records. One frame is read whole or not at all.
 *
 * First comes the snapshot, which was written under another name and is whole or not there: one `snapshot` frame, any
 * number of `entries` frames, one `end` frame. Then one `change` frame for each write.
 */
export const FILE_MAGIC = Buffer.from('SGLOG\r\n\u001a', 'latin1');
export const FRAME_MAGIC = Buffer.from('SGf\u00a9', 'latin1');
export const FRAME_HEADER_BYTES = 12;
export const FORMAT = 1;

const ROOM_FOR_HEADER = Buffer.alloc(FRAME_HEADER_BYTES + 4);

export type FrameMeta =
  | {
      readonly kind: 'snapshot';
      readonly format: number;
      readonly sessionId: string;
      /** True where this log stands in the place of a damaged one, of which only the fence is known. */
      readonly damaged: boolean;
      readonly fence: number;
      readonly head?: CopyHead;
    }
  | { readonly kind: 'entries' }
  | { readonly kind: 'end'; readonly entries: number }
  | { readonly kind: 'change'; readonly fence: number; readonly head?: CopyHead };

/** The bytes are there and are not what was written. */
export class LogDamage extends Error {
  override readonly name = 'LogDamage';
}

/** Where a frame's records begin, counted from the start of the frame, is part of what the index needs. */
export interface EncodedFrame {
  readonly bytes: Buffer;
  readonly recordsOffset: number;
}

export function encodeFrame(meta: FrameMeta, records: readonly Buffer[] = []): EncodedFrame {
  const text = Buffer.from(JSON.stringify(meta));
  const bytes = Buffer.concat([ROOM_FOR_HEADER, text, ...records]);
  bytes.writeUInt32LE(text.length, FRAME_HEADER_BYTES);
  sealFrame(bytes);
  return { bytes, recordsOffset: ROOM_FOR_HEADER.length + text.length };
}

/** Puts before a payload, for which there is room already, what tells whether all of it is there. */
export function sealFrame(bytes: Buffer): void {
  bytes.set(FRAME_MAGIC, 0);
  bytes.writeUInt32LE(bytes.length - FRAME_HEADER_BYTES, 4);
  bytes.writeUInt32LE(crc32(bytes.subarray(FRAME_HEADER_BYTES)), 8);
}

/** The length of the payload that follows; undefined where no frame begins. */
export function readFrameHeader(header: Buffer): { lengthBytes: number; crc: number } | undefined {
  if (header.length < FRAME_HEADER_BYTES || !header.subarray(0, 4).equals(FRAME_MAGIC)) return undefined;
  const lengthBytes = header.readUInt32LE(4);
  // The shortest payload is a length and an empty meta.
  return lengthBytes < 6 ? undefined : { lengthBytes, crc: header.readUInt32LE(8) };
}

export const isIntact = (payload: Buffer, crc: number): boolean => crc32(payload) === crc;

export interface ParsedPayload {
  readonly meta: FrameMeta;
  readonly records: Buffer;
  /** Where the records begin, counted from the start of the payload. */
  readonly recordsOffset: number;
}

/** Throws LogDamage for what no version of this code has written. */
export function parsePayload(payload: Buffer): ParsedPayload {
  const recordsOffset = 4 + payload.readUInt32LE(0);
  if (recordsOffset > payload.length) throw new LogDamage('a frame is shorter than its meta');
  const meta = parseMeta(payload.toString('utf8', 4, recordsOffset));
  return { meta, records: payload.subarray(recordsOffset), recordsOffset };
}

function parseMeta(text: string): FrameMeta {
  const meta = parseJson(text) as Partial<Record<string, unknown>>;
  const isKnown =
    (meta.kind === 'snapshot' && isCount(meta.format) && isCount(meta.fence) && isHeadOrAbsent(meta.head)) ||
    (meta.kind === 'change' && isCount(meta.fence) && isHeadOrAbsent(meta.head)) ||
    (meta.kind === 'end' && isCount(meta.entries)) ||
    meta.kind === 'entries';
  if (!isKnown) throw new LogDamage('a frame is of no known kind');
  return meta as FrameMeta;
}

function parseJson(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // Not JSON is as unknown as JSON of another shape.
  }
  throw new LogDamage('the meta of a frame can not be read');
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function isHeadOrAbsent(value: unknown): boolean {
  if (value === undefined) return true;
  const head = value as Partial<CopyHead> | null;
  return (
    isCount(head?.epoch) && isCount(head.revision) && typeof head.digest === 'string' && isCount(head.fence)
  );
}
