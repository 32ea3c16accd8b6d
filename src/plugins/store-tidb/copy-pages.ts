import { and, asc, eq } from 'drizzle-orm';
import { type Chunk, joinChunks, RowDamage } from './copy-reader.ts';
import { rows } from './schema.ts';
import type { SqlConnection } from './sql-connection.ts';

const LEAST_ROWS = 500;
const MOST_ROWS = 4_000;
/** Longer values are read one by one: the first page is below 4 MiB, whatever it holds. */
const INLINE_BYTES = 8 * 1024;
/** What the next ones are to hold: over a long way, few pages are all that counts. */
const PAGE_BYTES = 2 * 1024 * 1024;

export interface PageEntry {
  readonly name: Buffer;
  /** null where it is too long for a page. */
  readonly value: Buffer | null;
}

/** Some entries of a generation, in the order of their names. */
export interface Page {
  readonly entries: readonly PageEntry[];
  readonly isLast: boolean;
}

const columns = `name, size, CASE WHEN size <= ${INLINE_BYTES} THEN value END`;
const FIRST_PAGE = `SELECT ${columns} FROM sessiongraph_entries
  WHERE generation = ? AND sid = ? AND chunk = 0 AND size >= 0 ORDER BY name LIMIT ?`;
const NEXT_PAGE = `SELECT ${columns} FROM sessiongraph_entries
  WHERE generation = ? AND sid = ? AND name > ? AND chunk = 0 AND size >= 0 ORDER BY name LIMIT ?`;

type PageRow = readonly [name: Buffer, size: number, value: Buffer | null];

/** Those after a page; the first ones where there is none. */
export async function readPage(
  connection: SqlConnection,
  sid: Buffer,
  generation: number,
  before?: Page,
): Promise<Page> {
  const after = before?.entries.at(-1)?.name;
  const limit = before ? rowsLike(before) : LEAST_ROWS;
  const found = await (after
    ? connection.readRows(NEXT_PAGE, [generation, sid, after, limit])
    : connection.readRows(FIRST_PAGE, [generation, sid, limit]));
  const entries = (found as readonly PageRow[]).map(([name, size, value]) => {
    if (value && value.length !== size)
      throw new RowDamage(`an entry has ${value.length} of its ${size} bytes`);
    return { name, value };
  });
  return { entries, isLast: found.length < limit };
}

function rowsLike({ entries }: Page): number {
  const bytes = entries.reduce((sum, { name, value }) => sum + name.length + (value?.length ?? 0), 0);
  return Math.min(MOST_ROWS, Math.max(LEAST_ROWS, Math.floor((PAGE_BYTES * entries.length) / bytes)));
}

/** One entry, however long. */
export async function readLong(
  { db }: SqlConnection,
  sid: Buffer,
  generation: number,
  name: Buffer,
): Promise<Uint8Array> {
  const found: Chunk[] = await db
    .select({ name: rows.name, chunk: rows.chunk, size: rows.size, value: rows.value })
    .from(rows)
    .where(and(eq(rows.generation, generation), eq(rows.sid, sid), eq(rows.name, name)))
    .orderBy(asc(rows.chunk));
  const [value] = joinChunks(found).values();
  if (!value) throw new RowDamage('an entry is gone');
  return value;
}
