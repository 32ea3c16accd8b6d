import { randomUUID } from 'node:crypto';
import type { EntryChange } from '../../core/store.ts';
import { bytesIn, checked, flagIn, numberIn, textIn, verify } from './document-fields.ts';
import { chunkId, chunksRange, nameOfVersion, numberOfId, versionId } from './document-ids.ts';
import { DamagedDocument, type Documents, type RawDocument } from './documents.ts';
import type { ChunkedValue, StoredChange } from './packed-entries.ts';

const CHUNK_BYTES = 1024 * 1024;
/** Of the values in one document; MongoDB takes 16 MiB. */
const INLINE_BYTES = 8 * 1024 * 1024;

type Value = Uint8Array | ChunkedValue;

/** One value of an entry, and the slot that gave it that value. Never changed: the highest slot counts. */
export interface Version {
  readonly name: string;
  readonly slot: number;
  /** Undefined where the slot deleted the entry. */
  readonly value: Value | undefined;
}

/** Where a version lies. */
export interface Shelf {
  readonly sessionId: string;
  readonly generation: string;
}

/** What is too large for one document goes into documents of its own, before the write that refers to them. */
export async function shelveLargeValues(
  documents: Documents,
  sessionId: string,
  entries: readonly EntryChange[],
  at: number,
): Promise<StoredChange[]> {
  let inlineBytes = 0;
  const stored: StoredChange[] = [];
  for (const { name, value } of entries) {
    const fits = !value || (value.length <= CHUNK_BYTES && inlineBytes + value.length <= INLINE_BYTES);
    if (fits) inlineBytes += value?.length ?? 0;
    stored.push({ name, value: fits ? value : await writeChunks(documents, sessionId, value, at) });
  }
  return stored;
}

async function writeChunks(
  documents: Documents,
  sessionId: string,
  value: Uint8Array,
  at: number,
): Promise<ChunkedValue> {
  const chunks = randomUUID();
  for (let index = 0; index * CHUNK_BYTES < value.length; index += 1) {
    const bytes = Buffer.from(value.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES));
    const chunk = checked({ _id: chunkId(sessionId, chunks, index), at, value: bytes });
    await documents.insert('sessiongraph_chunks', [chunk]);
  }
  return { chunks, sizeBytes: value.length };
}

/** The bytes of a value, as the caller's own. */
export async function bytesOf(documents: Documents, sessionId: string, value: Value): Promise<Uint8Array> {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  const found = await documents.find('sessiongraph_chunks', [chunksRange(sessionId, value.chunks)]);
  const bytes = new Uint8Array(value.sizeBytes);
  let at = 0;
  for (const raw of found) {
    verify(raw);
    const chunk = bytesIn(raw, 'value');
    if (at + chunk.length > bytes.length) break;
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at === bytes.length) return bytes;
  throw new DamagedDocument(`value ${value.chunks} is not whole`);
}

export function versionDocument({ sessionId, generation }: Shelf, version: Version, at: number): RawDocument {
  const { name, slot, value } = version;
  const _id = versionId(sessionId, generation, name, slot);
  if (value === undefined) return checked({ _id, isDead: true, at });
  if (value instanceof Uint8Array)
    return checked({
      _id,
      isDead: false,
      at,
      value: Buffer.from(value.buffer, value.byteOffset, value.length),
    });
  return checked({ _id, isDead: false, at, ...value });
}

export function readVersion(raw: RawDocument): Version {
  verify(raw);
  const version = { name: nameOfVersion(raw._id), slot: numberOfId(raw._id) };
  if (flagIn(raw, 'isDead')) return { ...version, value: undefined };
  if (!('chunks' in raw)) return { ...version, value: bytesIn(raw, 'value') };
  return { ...version, value: { chunks: textIn(raw, 'chunks'), sizeBytes: numberIn(raw, 'sizeBytes') } };
}

const BATCH_DOCUMENTS = 1000;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Groups that fit into one command each. */
export async function* inBatches(
  entries: AsyncIterable<StoredChange> | Iterable<StoredChange>,
): AsyncGenerator<StoredChange[]> {
  let batch: StoredChange[] = [];
  let sizeBytes = 0;
  for await (const entry of entries) {
    const length = entry.value instanceof Uint8Array ? entry.value.length : 0;
    if (batch.length > 0 && (batch.length >= BATCH_DOCUMENTS || sizeBytes + length > BATCH_BYTES)) {
      yield batch;
      batch = [];
      sizeBytes = 0;
    }
    batch.push(entry);
    sizeBytes += length;
  }
  if (batch.length > 0) yield batch;
}
