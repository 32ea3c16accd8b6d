import { crc32 } from 'node:zlib';
import type { EntryChange } from '../../core/store.ts';
import type { Location } from './entry-index.ts';
import { LogDamage } from './log-frames.ts';

/**
 * A record is crc32 of what follows u32 | length of the name u32 | length of the value u32 | name | value. It has a
 * checksum of its own, beside that of its frame, because reads on demand read only the record.
 */
const HEADER_BYTES = 12;
const DELETED = 0xffffffff;

export interface LogRecord extends EntryChange {
  readonly location: Location;
}

/** A record to be, which has not been given its place. */
export interface MeasuredRecord {
  /** As JSON: unlike UTF-8 alone it tells any two strings apart, lone surrogates included. */
  readonly name: string;
  readonly nameBytes: number;
  readonly value: Uint8Array | undefined;
  readonly lengthBytes: number;
}

export function measureRecord({ name, value }: EntryChange): MeasuredRecord {
  const json = JSON.stringify(name);
  const nameBytes = Buffer.byteLength(json);
  const lengthBytes = HEADER_BYTES + nameBytes + (value?.length ?? 0);
  return { name: json, nameBytes, value, lengthBytes };
}

/** Fills `room`, which is as long as the record. */
export function writeRecord(room: Buffer, { name, nameBytes, value }: MeasuredRecord): void {
  room.writeUInt32LE(nameBytes, 4);
  room.writeUInt32LE(value ? value.length : DELETED, 8);
  room.write(name, HEADER_BYTES);
  if (value) room.set(value, HEADER_BYTES + nameBytes);
  room.writeUInt32LE(crc32(room.subarray(4)), 0);
}

export function encodeRecord(change: EntryChange): Buffer {
  const record = measureRecord(change);
  const bytes = Buffer.allocUnsafe(record.lengthBytes);
  writeRecord(bytes, record);
  return bytes;
}

/** The records in `bytes`, of which the first lies at `offset` of the log. Values are views of `bytes`. */
export function* parseRecords(bytes: Buffer, offset: number): Generator<LogRecord> {
  for (let at = 0; at < bytes.length; ) {
    const record = parseRecord(bytes.subarray(at), offset + at);
    yield record;
    at += record.location.length;
  }
}

/** Throws LogDamage where no whole record lies at the start of `bytes`. */
export function parseRecord(bytes: Buffer, offset: number): LogRecord {
  const { valueOffset, length, isDeleted } = checkRecord(bytes, offset);
  const name: string = JSON.parse(bytes.toString('utf8', HEADER_BYTES, valueOffset));
  const value = isDeleted ? undefined : bytes.subarray(valueOffset, length);
  return { name, value, location: { offset, length } };
}

/** The same, for whoever does not ask what it says. */
export function checkRecord(bytes: Buffer, offset: number) {
  if (bytes.length < HEADER_BYTES) throw new LogDamage(`no record at byte ${offset}`);
  const valueLength = bytes.readUInt32LE(8);
  const isDeleted = valueLength === DELETED;
  const valueOffset = HEADER_BYTES + bytes.readUInt32LE(4);
  const length = valueOffset + (isDeleted ? 0 : valueLength);
  if (length > bytes.length || crc32(bytes.subarray(4, length)) !== bytes.readUInt32LE(0))
    throw new LogDamage(`the record at byte ${offset} is damaged`);
  return { valueOffset, length, isDeleted };
}
