import { crc32 } from 'node:zlib';
import type { CopyHead } from '../../core/store.ts';
import { DamagedDocument, type RawDocument } from './documents.ts';

const damaged = (id: string, what: string) => new DamagedDocument(`document ${id} ${what}`);

export function numberIn(raw: RawDocument, field: string): number {
  const value = raw[field];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw damaged(raw._id, `has no number ${field}`);
}

export function textIn(raw: RawDocument, field: string): string {
  const value = raw[field];
  if (typeof value === 'string') return value;
  throw damaged(raw._id, `has no text ${field}`);
}

export function flagIn(raw: RawDocument, field: string): boolean {
  const value = raw[field];
  if (typeof value === 'boolean') return value;
  throw damaged(raw._id, `has no flag ${field}`);
}

export function instantIn(raw: RawDocument, field: string): number {
  const value = raw[field];
  if (value instanceof Date) return value.getTime();
  throw damaged(raw._id, `has no date ${field}`);
}

/** A copy of the caller's own: the driver's bytes are part of a larger message. */
export function bytesIn(raw: RawDocument, field: string): Uint8Array<ArrayBuffer> {
  const value = raw[field];
  if (value instanceof Uint8Array) return new Uint8Array(value);
  throw damaged(raw._id, `has no bytes ${field}`);
}

/** A document with the checksum of all that is in it. */
export function checked<T extends RawDocument>(document: T): T & { readonly crc: number } {
  return { ...document, crc: checksumOf(document) };
}

export function verify(raw: RawDocument): void {
  const { crc, ...rest } = raw;
  if (crc !== checksumOf(rest as RawDocument)) throw damaged(raw._id, 'does not match its checksum');
}

/** Of its fields in the order of their names: a server may give them back in another one. */
function checksumOf(document: RawDocument): number {
  let sum = 0;
  for (const field of Object.keys(document).sort()) {
    const value = document[field];
    sum = crc32(`\n${field}:${value instanceof Uint8Array ? 'bytes' : JSON.stringify(value)}`, sum);
    // Of nothing, zlib's answer depends on where that nothing lies.
    if (value instanceof Uint8Array && value.length > 0) sum = crc32(value, sum);
  }
  return sum;
}

/** The head of a copy as fields of a document, dates as a person reads them; a copy that was only claimed has none. */
export const headFields = (head: CopyHead | undefined) => ({
  exists: head !== undefined,
  epoch: head?.epoch ?? 0,
  revision: head?.revision ?? 0,
  digest: head?.digest ?? '',
  complete: head?.complete ?? false,
  deleted: head?.deleted ?? false,
  createdAt: new Date(head?.createdAt ?? 0),
  updatedAt: new Date(head?.updatedAt ?? 0),
});

export function readHeadFields(raw: RawDocument, fence: number): CopyHead | undefined {
  if (!flagIn(raw, 'exists')) return undefined;
  return {
    epoch: numberIn(raw, 'epoch'),
    revision: numberIn(raw, 'revision'),
    digest: textIn(raw, 'digest'),
    fence,
    complete: flagIn(raw, 'complete'),
    deleted: flagIn(raw, 'deleted'),
    createdAt: instantIn(raw, 'createdAt'),
    updatedAt: instantIn(raw, 'updatedAt'),
  };
}
