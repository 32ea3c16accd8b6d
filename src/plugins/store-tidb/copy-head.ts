import { crc32 } from 'node:zlib';
import type { CopyHead } from '../../core/store.ts';

/** A head as its row has it. */
export interface StoredCopy {
  readonly head: CopyHead;
  /** Under which the entries lie. */
  readonly generation: number;
  /** The exact bytes of the row: whoever writes says upon which bytes it was decided. */
  readonly bytes: Buffer;
}

const CRC_DIGITS = 8;

/** `crc32 {json}`, for people to read. The checksum spans the id, so a row that was moved does not pass. */
export function encodeCopy(sessionId: string, head: CopyHead, generation: number): StoredCopy {
  const json = JSON.stringify({ ...head, generation });
  return { head, generation, bytes: Buffer.from(`${checksum(sessionId, json)} ${json}`) };
}

/** undefined = damaged. */
export function parseCopy(
  sessionId: string,
  bytes: Buffer,
  generation: number | null,
): StoredCopy | undefined {
  const text = bytes.toString();
  const json = text.slice(CRC_DIGITS + 1);
  if (text.slice(0, CRC_DIGITS) !== checksum(sessionId, json)) return undefined;
  const { generation: own, ...head } = JSON.parse(json) as CopyHead & { generation: number };
  return own === generation ? { head, generation: own, bytes } : undefined;
}

const checksum = (sessionId: string, json: string): string =>
  crc32(`${sessionId}\n${json}`).toString(16).padStart(CRC_DIGITS, '0');
