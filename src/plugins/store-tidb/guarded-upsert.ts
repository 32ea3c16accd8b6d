import {
  AS_BYTES,
  AS_TEXT,
  COLUMNS,
  cellsOf,
  type NewRow,
  overwriting,
  placesOf,
  type Sending,
} from './row-statements.ts';
import { HEADS } from './schema.ts';
import type { SqlConnection } from './sql-connection.ts';
import { isAnswer, isConflict } from './sql-failures.ts';

export interface GuardedUpsert {
  readonly sid: Buffer;
  /** The head that the change was judged upon. */
  readonly judged: Buffer;
  readonly head: NewRow;
  readonly entries: readonly NewRow[];
}

/** Up to so many rows besides the head, changes of one number are alike, and come often. */
const OFTEN_ROWS = 16;

/**
 * Writes the new head and the entries if the head of the session is still, byte for byte, the one that the change was
 * judged upon, and behind no higher fence; else nothing. Resolves to whether they are written.
 */
export async function upsertGuarded(connection: SqlConnection, upsert: GuardedUpsert): Promise<boolean> {
  const isOften = upsert.entries.length <= OFTEN_ROWS;
  const { sql, values } = statementOf(upsert, isOften ? AS_BYTES : AS_TEXT);
  try {
    await (isOften ? connection.writeOften(sql, values) : connection.write(sql, values));
    return true;
  } catch (error) {
    // Whatever the server says: whoever asks it again, in a transaction, learns what it was.
    if (isAnswer(error) && !isConflict(error)) return false;
    throw error;
  }
}

// A table of its own, for MySQL lets no subquery read the table that is written; LIMIT keeps it one.
const ID_OF_HEAD = `SELECT sid FROM (SELECT sid FROM sessiongraph_entries
  WHERE generation = ${HEADS} AND sid = ? AND name = '' AND chunk = 0 LIMIT 1 FOR UPDATE) h`;
/** In every mode of every server an expression beyond its numbers is an error. */
const REFUSED = '~0 + 1';

/**
 * One statement: the database decides and writes, or does neither. What decides is compared in the row that is
 * overwritten, under its lock (TiDB: the conflict of two who write it), so one of two rivals passes, and no other. A fence
 * beside the head counts as well: while a head was damaged, it alone could be raised.
 *
 * Where there is no head, nothing is overwritten; but then it has no id either, and the strict mode, in which each
 * connection is, takes no NULL in its place. (No REFUSED there: TiDB looks for the head while it prepares, for none yet.)
 */
function statementOf({ sid, judged, head, entries }: GuardedUpsert, sending: Sending) {
  const others = entries.map(row => `, (?, ${placesOf(row, sending)})`).join('');
  const isOther = `(value <> ${sending.place(judged)} OR fence > VALUES(fence) OR NOT copy_generation <=> VALUES(copy_generation))`;
  const fence = `IF(generation = ${HEADS} AND ${isOther}, ${REFUSED}, VALUES(fence))`;
  const sql = `INSERT INTO sessiongraph_entries (${COLUMNS})
    VALUES ((${ID_OF_HEAD}), ${placesOf(head, sending)})${others} ${overwriting(fence)}`;
  const values = [head, ...entries].flatMap(row => [sid, ...cellsOf(row, sending)]);
  return { sql, values: [...values, sending.cell(judged)] };
}
