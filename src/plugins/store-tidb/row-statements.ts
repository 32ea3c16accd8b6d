import type { EntryChange } from '../../core/store.ts';
import type { StoredCopy } from './copy-head.ts';
import { CHUNK_BYTES, DELETED, HEADS } from './schema.ts';
import { type CellValue, toBase64 } from './sql-connection.ts';

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
  readonly values: readonly CellValue[];
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
const overwriting = (value: string) => `ON DUPLICATE KEY UPDATE value = ${value}, size = VALUES(size),
  copy_generation = VALUES(copy_generation), fence = VALUES(fence)`;
const OVERWRITE = overwriting('VALUES(value)');

/** Where a value stands in a statement that is sent as text, and as what: values are most of its bytes. */
const placeOf = (value: Buffer): string => (value.length === 0 ? '?' : 'FROM_BASE64(?)');
const written = (value: Buffer): CellValue => (value.length === 0 ? value : toBase64(value));

export function upsertOf(sid: Buffer, rows: readonly NewRow[]): Statement {
  const places = rows.map(({ value }) => `(?, ?, ?, ?, ?, ${placeOf(value)}, ?, ?)`);
  const sql = `INSERT INTO sessiongraph_entries (${COLUMNS}) VALUES ${places.join(', ')} ${OVERWRITE}`;
  return { sql, values: rows.flatMap(row => cellsOf(sid, row, written(row.value))) };
}

const cellsOf = (sid: Buffer, row: NewRow, value: CellValue): CellValue[] => [
  sid,
  row.generation,
  row.name,
  row.chunk,
  row.size,
  value,
  row.copyGeneration,
  row.fence,
];

// A table of its own, for MySQL lets no subquery read the table that is written; LIMIT keeps it one.
const ID_OF_HEAD = `SELECT sid FROM (SELECT sid FROM sessiongraph_entries
  WHERE generation = ${HEADS} AND sid = ? AND name = '' AND chunk = 0 LIMIT 1 FOR UPDATE) h`;
const FIRST_PLACES = `((${ID_OF_HEAD}), ?, ?, ?, ?, ?, ?, ?)`;
const PLACES = ', (?, ?, ?, ?, ?, ?, ?, ?)';
const OVERWRITE_JUDGED = overwriting(`IF(generation = ${HEADS} AND value <> ?, NULL, VALUES(value))`);

/**
 * Writes the rows, of which the first is the new head, if the head of the session is still, byte for byte, the one that
 * the change was judged upon; else it fails with NOT_NULL and writes nothing. One statement: the database decides and
 * writes, or does neither. A head that is gone has no id, and one that differs would be overwritten with NULL: in the
 * strict mode, which the connection is in, both are errors. What decides is compared in the row that is overwritten,
 * under its lock (TiDB: the conflict of two who write it), so one of two rivals passes, and no other.
 *
 * To be prepared: its text depends on the number of rows alone, and values are sent as they are.
 */
export function guardedUpsertOf(sid: Buffer, judged: Buffer, rows: readonly NewRow[]): Statement {
  const sql = `INSERT INTO sessiongraph_entries (${COLUMNS})
    VALUES ${FIRST_PLACES}${PLACES.repeat(rows.length - 1)} ${OVERWRITE_JUDGED}`;
  return { sql, values: [...rows.flatMap(row => cellsOf(sid, row, row.value)), judged] };
}
