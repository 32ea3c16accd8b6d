import type { EntryChange } from '../../core/store.ts';
import type { StoredCopy } from './copy-head.ts';
import { CHUNK_BYTES, DELETED, HEADS } from './schema.ts';
import { type SqlValue, toBase64 } from './sql-connection.ts';

/** A row as it is written, apart from the session. */
export interface NewRow {
  readonly generation: number;
  readonly name: Buffer;
  readonly chunk: number;
  readonly size: number;
  readonly value: Buffer;
  readonly copyGeneration: number | null;
  readonly fence: number | null;
}

export interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** A pairing burst is one statement. */
const BATCH_ROWS = 1_000;
const BATCH_BYTES = 1024 * 1024;
const NO_BYTES = Buffer.alloc(0);

export function headRow({ head, generation, bytes }: StoredCopy): NewRow {
  const place = { generation: HEADS, name: NO_BYTES, chunk: 0, size: bytes.length, value: bytes };
  return { ...place, copyGeneration: generation, fence: head.fence };
}

/** The head of a session that was leased and never written. */
export const leasedRow = (fence: number): NewRow => ({
  generation: HEADS,
  name: NO_BYTES,
  chunk: 0,
  size: 0,
  value: NO_BYTES,
  copyGeneration: null,
  fence,
});

/** The rows of a value, or the mark of its deletion. */
export function entryRows(generation: number, { name, value }: EntryChange): NewRow[] {
  const common = { generation, name: Buffer.from(name), copyGeneration: null, fence: null };
  if (!value) return [{ ...common, chunk: 0, size: DELETED, value: NO_BYTES }];
  // A copy, taken now: the caller may use its bytes again while the statement waits.
  const bytes = Buffer.from(value);
  const chunks = Math.max(1, Math.ceil(bytes.length / CHUNK_BYTES));
  return Array.from({ length: chunks }, (_, chunk) => ({
    ...common,
    chunk,
    size: bytes.length,
    value: bytes.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES),
  }));
}

export const bytesOf = (rows: readonly NewRow[]): number =>
  rows.reduce((bytes, row) => bytes + row.name.length + row.value.length, 0);

/** `max_allowed_packet` is 16 MiB with MariaDB, and names take twice their size in a statement. */
export function batchesOf(rows: readonly NewRow[]): NewRow[][] {
  const batches: NewRow[][] = [];
  let room = 0;
  for (const row of rows) {
    const size = bytesOf([row]);
    const last = batches.at(-1);
    if (last && last.length < BATCH_ROWS && size <= room) last.push(row);
    else {
      batches.push([row]);
      room = BATCH_BYTES;
    }
    room -= size;
  }
  return batches;
}

const COLUMNS = 'sid, generation, name, chunk, size, value, copy_generation, fence';
// VALUES(col), since TiDB and MariaDB have no row alias.
const OVERWRITE = `ON DUPLICATE KEY UPDATE size = VALUES(size), value = VALUES(value),
  copy_generation = VALUES(copy_generation), fence = VALUES(fence)`;

/** Where a value stands in a statement, and as what: values are most of its bytes. */
const placeOf = (value: Buffer): string => (value.length === 0 ? '?' : 'FROM_BASE64(?)');
const written = (value: Buffer): SqlValue => (value.length === 0 ? value : toBase64(value));

/** The cells of a row behind its session, and the places where they stand. */
const placesOf = ({ value }: NewRow): string => `?, ?, ?, ?, ${placeOf(value)}, ?, ?`;
const cellsOf = ({ generation, name, chunk, size, value, copyGeneration, fence }: NewRow): SqlValue[] => [
  generation,
  name,
  chunk,
  size,
  written(value),
  copyGeneration,
  fence,
];

export function upsertOf(sid: Buffer, rows: readonly NewRow[]): Statement {
  const sql = `INSERT INTO sessiongraph_entries (${COLUMNS})
    VALUES ${rows.map(row => `(?, ${placesOf(row)})`).join(', ')} ${OVERWRITE}`;
  return { sql, values: rows.flatMap(row => [sid, ...cellsOf(row)]) };
}

/**
 * Writes the rows, the new head among them, if the head of the session is still, byte for byte, the one that the
 * change was judged upon; else nothing. One statement: the database decides and writes, or does neither. The lock on
 * the head (TiDB: the conflict of two who write it) lets one of two rivals pass, and no other.
 */
export function guardedUpsertOf(sid: Buffer, judged: Buffer, rows: readonly NewRow[]): Statement {
  const [first, ...others] = rows;
  const sql = `INSERT INTO sessiongraph_entries (${COLUMNS})
    SELECT h.sid, c.generation, c.name, c.chunk, c.size, c.value, c.copy_generation, c.fence
    FROM sessiongraph_entries h
    JOIN (SELECT ? AS generation, ? AS name, ? AS chunk, ? AS size, ${first && placeOf(first.value)} AS value,
      ? AS copy_generation, ? AS fence ${others.map(row => `UNION ALL SELECT ${placesOf(row)}`).join(' ')}) c
    WHERE h.generation = ${HEADS} AND h.sid = ? AND h.name = '' AND h.chunk = 0 AND h.value = ${placeOf(judged)}
    FOR UPDATE ${OVERWRITE}`;
  return { sql, values: [...rows.flatMap(cellsOf), sid, written(judged)] };
}
