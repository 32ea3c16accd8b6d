import {
  AS_TEXT,
  COLUMNS,
  cellsOf,
  type NewRow,
  overwriting,
  PREPARED,
  placesOf,
  type Sending,
  type Statement,
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

/** What is sent again and again. A connection has that many statements prepared, one for each number of entries. */
const PREPARED_ENTRIES = 16;

/**
 * Writes the new head and the entries if the head of the session is still, byte for byte, the one that the change was
 * judged upon; else nothing. Resolves to whether they are written.
 */
export async function upsertGuarded(connection: SqlConnection, upsert: GuardedUpsert): Promise<boolean> {
  const isPrepared = upsert.entries.length <= PREPARED_ENTRIES;
  const { sql, values } = statementOf(upsert, isPrepared ? PREPARED : AS_TEXT);
  try {
    await (isPrepared ? connection.writePrepared(sql, values) : connection.write(sql, values));
    return true;
  } catch (error) {
    // The server refuses the head; or the statement, of which it may have prepared as many as it may.
    if (isAnswer(error) && !isConflict(error)) return false;
    throw error;
  }
}

// A table of its own, for MySQL lets no subquery read the table that is written; LIMIT keeps it one.
const ID_OF_HEAD = `SELECT sid FROM (SELECT sid FROM sessiongraph_entries
  WHERE generation = ${HEADS} AND sid = ? AND name = '' AND chunk = 0 LIMIT 1 FOR UPDATE) h`;

/**
 * One statement: the database decides and writes, or does neither. A head that is gone has no id, and one that differs
 * would be overwritten with NULL: in the strict mode, which the connection is in, both are errors. What decides is
 * compared in the row that is overwritten, under its lock (TiDB: the conflict of two who write it), so one of two rivals
 * passes, and no other.
 */
function statementOf({ sid, judged, head, entries }: GuardedUpsert, sending: Sending): Statement {
  const others = entries.map(row => `, (?, ${placesOf(row, sending)})`).join('');
  const value = `IF(generation = ${HEADS} AND value <> ${sending.place(judged)}, NULL, VALUES(value))`;
  const sql = `INSERT INTO sessiongraph_entries (${COLUMNS})
    VALUES ((${ID_OF_HEAD}), ${placesOf(head, sending)})${others} ${overwriting(value)}`;
  const values = [head, ...entries].flatMap(row => [sid, ...cellsOf(row, sending)]);
  return { sql, values: [...values, sending.cell(judged)] };
}
