import type { EntryChange } from '../../core/store.ts';
import type { StoredCopy } from './copy-head.ts';
import { CHUNK_BYTES, DELETED, HEADS } from './schema.ts';
import { type CellValue, type SqlConnection, toBase64 } from './sql-connection.ts';

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

/** How a value is sent, and where it stands: values are most of the bytes. */
export interface Sending {
  readonly place: (value: Buffer) => string;
  readonly cell: (value: Buffer) => CellValue;
}
export const AS_TEXT: Sending = {
  place: value => (value.length === 0 ? '?' : 'FROM_BASE64(?)'),
  cell: value => (value.length === 0 ? value : toBase64(value)),
};
export const AS_BYTES: Sending = { place: () => '?', cell: value => value };

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

/** Each is one statement. `max_allowed_packet` is 16 MiB with MariaDB, and names take twice their size in a statement. */
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

export const COLUMNS = 'sid, generation, name, chunk, size, value, copy_generation, fence';
// VALUES(col), since TiDB and MariaDB have no row alias. One after the other: the fence comes first, so that what it is
// made of may compare all columns as they were.
export const overwriting = (
  fence: string,
) => `ON DUPLICATE KEY UPDATE fence = ${fence}, value = VALUES(value),
  size = VALUES(size), copy_generation = VALUES(copy_generation)`;

export async function upsertRows(
  connection: SqlConnection,
  sid: Buffer,
  rows: readonly NewRow[],
): Promise<void> {
  const places = rows.map(row => `(?, ${placesOf(row, AS_TEXT)})`);
  const sql = `INSERT INTO sessiongraph_entries (${COLUMNS}) VALUES ${places.join(', ')} ${overwriting('VALUES(fence)')}`;
  const values = rows.flatMap(row => [sid, ...cellsOf(row, AS_TEXT)]);
  await connection.write(sql, values);
}

/** Of a row, behind its session. */
export const placesOf = ({ value }: NewRow, { place }: Sending): string =>
  `?, ?, ?, ?, ${place(value)}, ?, ?`;
export const cellsOf = (row: NewRow, { cell }: Sending): CellValue[] => [
  row.generation,
  row.name,
  row.chunk,
  row.size,
  cell(row.value),
  row.copyGeneration,
  row.fence,
];
