import { DamagedDocument } from './documents.ts';

/** A value that lies in documents of its own. */
export interface ChunkedValue {
  readonly chunks: string;
  readonly sizeBytes: number;
}

/** The new value of an entry as a change holds it; undefined deletes. */
export interface StoredChange {
  readonly name: string;
  readonly value: Uint8Array | ChunkedValue | undefined;
}

/** The names of the chunks that these entries lie in. */
export const chunksIn = (entries: Iterable<Pick<StoredChange, 'value'>>): string[] =>
  [...entries].flatMap(({ value }) =>
    value === undefined || value instanceof Uint8Array ? [] : [value.chunks],
  );

interface Described {
  readonly name: string;
  /** Missing where the entry is deleted. */
  readonly sizeBytes?: number;
  readonly chunks?: string;
}

/** All entries of a change as one run of bytes: length of the table 4 · table (JSON) · values. */
export function packEntries(entries: readonly StoredChange[]): Buffer {
  const table = entries.map(({ name, value }): Described => {
    if (value === undefined) return { name };
    if (value instanceof Uint8Array) return { name, sizeBytes: value.length };
    return { name, ...value };
  });
  const described = Buffer.from(JSON.stringify(table));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(described.length);
  const values = entries.flatMap(({ value }) => (value instanceof Uint8Array ? [value] : []));
  return Buffer.concat([length, described, ...values]);
}

export function unpackEntries(packed: Uint8Array<ArrayBuffer>): StoredChange[] {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  try {
    let at = 4 + bytes.readUInt32LE(0);
    const table = JSON.parse(bytes.toString('utf8', 4, at)) as Described[];
    return table.map(({ name, sizeBytes, chunks }) => {
      if (sizeBytes === undefined) return { name, value: undefined };
      if (chunks !== undefined) return { name, value: { chunks, sizeBytes } };
      at += sizeBytes;
      return { name, value: packed.slice(at - sizeBytes, at) };
    });
  } catch (cause) {
    throw new DamagedDocument('the entries of a change can not be read', { cause });
  }
}
