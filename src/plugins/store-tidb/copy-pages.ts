import { and, asc, eq, gt, gte, sql } from 'drizzle-orm';
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

/** Those after a page; the first ones where there is none. */
export async function readPage(
  { db }: SqlConnection,
  sid: Buffer,
  generation: number,
  before?: Page,
): Promise<Page> {
  const after = before?.entries.at(-1)?.name;
  const limit = before ? rowsLike(before) : LEAST_ROWS;
  const found = await db
    .select({
      name: rows.name,
      size: rows.size,
      value: sql<Buffer | null>`CASE WHEN ${rows.size} <= ${sql.raw(`${INLINE_BYTES}`)} THEN ${rows.value} END`,
    })
    .from(rows)
    .where(
      and(
        eq(rows.generation, generation),
        eq(rows.sid, sid),
        after && gt(rows.name, after),
        eq(rows.chunk, 0),
        gte(rows.size, 0),
      ),
    )
    .orderBy(asc(rows.name))
    .limit(limit);
  for (const { size, value } of found)
    if (value && value.length !== size)
      throw new RowDamage(`an entry has ${value.length} of its ${size} bytes`);
  return { entries: found, isLast: found.length < limit };
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
