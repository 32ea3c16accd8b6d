import { and, asc, eq, gt, inArray, isNotNull, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/mysql-core';
import { parseCopy, type StoredCopy } from './copy-head.ts';
import { CHUNK_BYTES, HEADS, rows } from './schema.ts';
import type { SqlConnection } from './sql-connection.ts';

/** What the row of a head says: of a damaged one only its fence and where its entries lie. */
export interface HeadRow {
  /** Undefined where the session was leased and never written, and where the head is damaged. */
  readonly copy: StoredCopy | undefined;
  readonly isDamaged: boolean;
  readonly fence: number;
  readonly generation: number | null;
}

/** Rows that do not fit together. */
export class RowDamage extends Error {
  override readonly name = 'RowDamage';
}

const heads = alias(rows, 'h');
const entries = alias(rows, 'e');
const isHeadOf = (sid: Buffer) =>
  and(eq(heads.generation, HEADS), eq(heads.sid, sid), sql`${heads.name} = ''`, eq(heads.chunk, 0));

const headQuery = ({ db }: SqlConnection, sid: Buffer) =>
  db
    .select({ value: heads.value, generation: heads.copyGeneration, fence: heads.fence })
    .from(heads)
    .where(isHeadOf(sid));

/** undefined = absent. */
export async function readHeadRow(connection: SqlConnection, sid: Buffer): Promise<HeadRow | undefined> {
  const [row] = await headQuery(connection, sid);
  return row && parseHeadRow(sid, row);
}

/** The same, and nobody else can change the head until the transaction ends. */
export async function lockHeadRow(connection: SqlConnection, sid: Buffer): Promise<HeadRow | undefined> {
  const [row] = await headQuery(connection, sid).for('update');
  return row && parseHeadRow(sid, row);
}

function parseHeadRow(
  sid: Buffer,
  { value, generation, fence }: { value: Buffer; generation: number | null; fence: number | null },
): HeadRow {
  const isLeasedOnly = generation === null && value.length === 0;
  const copy = isLeasedOnly ? undefined : parseCopy(sid.toString(), value, generation);
  return { copy, isDamaged: !copy && !isLeasedOnly, fence: fence ?? 0, generation };
}

export interface NamedValues {
  /** undefined = absent. */
  readonly head: HeadRow | undefined;
  readonly values: ReadonlyMap<string, Uint8Array>;
}

/** Head and entries by one statement: both as they were at one moment. */
export async function readNamed(
  connection: SqlConnection,
  sid: Buffer,
  names: readonly Buffer[],
): Promise<NamedValues> {
  const found = await connection.db
    .select({
      head: { value: heads.value, generation: heads.copyGeneration, fence: heads.fence },
      entry: { name: entries.name, chunk: entries.chunk, size: entries.size, value: entries.value },
    })
    .from(heads)
    .leftJoin(
      entries,
      and(
        eq(entries.generation, heads.copyGeneration),
        eq(entries.sid, heads.sid),
        inArray(entries.name, [...names]),
      ),
    )
    .where(isHeadOf(sid))
    .orderBy(asc(entries.name), asc(entries.chunk));
  const first = found[0];
  if (!first) return { head: undefined, values: new Map() };
  const chunks = found.flatMap(({ entry }) => (entry?.name ? [entry as Chunk] : []));
  return { head: parseHeadRow(sid, first.head), values: joinChunks(chunks) };
}

export interface Chunk {
  readonly name: Buffer;
  readonly chunk: number;
  readonly size: number;
  readonly value: Buffer;
}

/** Values of chunks that are in order. What lies beyond a value, or after its deletion, is litter. */
export function joinChunks(chunks: readonly Chunk[]): Map<string, Uint8Array> {
  const byName = new Map<string, Chunk[]>();
  for (const chunk of chunks) {
    const name = chunk.name.toString();
    const own = byName.get(name);
    if (own) own.push(chunk);
    else byName.set(name, [chunk]);
  }
  const values = new Map<string, Uint8Array>();
  for (const [name, own] of byName) {
    const [first] = own;
    if (first?.chunk !== 0 || first.size < 0) continue;
    const count = Math.max(1, Math.ceil(first.size / CHUNK_BYTES));
    const parts = own.slice(0, count).map(({ value }) => value);
    const value = new Uint8Array(Buffer.concat(parts));
    if (value.length !== first.size)
      throw new RowDamage(`an entry has ${value.length} of its ${first.size} bytes`);
    values.set(name, value);
  }
  return values;
}

const isNotLeasedOnly = or(isNotNull(rows.copyGeneration), gt(rows.size, 0));
export const IDS_PAGE_ROWS = 1_000;

export async function readIds({ db }: SqlConnection, after: Buffer | undefined): Promise<Buffer[]> {
  const found = await db
    .select({ sid: rows.sid })
    .from(rows)
    .where(and(eq(rows.generation, HEADS), after && gt(rows.sid, after), isNotLeasedOnly))
    .orderBy(asc(rows.sid))
    .limit(IDS_PAGE_ROWS);
  return found.map(({ sid }) => sid);
}
