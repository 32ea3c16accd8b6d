import { randomInt } from 'node:crypto';
import { judgeChange, nextCopyHead } from '../../core/copy-rules.ts';
import type { Change, EntryChange } from '../../core/store.ts';
import type { StoreLife } from '../../core/store-life.ts';
import { encodeCopy, type StoredCopy } from './copy-head.ts';
import { type HeadRow, lockHeadRow } from './copy-reader.ts';
import type { DeletionMarks } from './deletion-marks.ts';
import { upsertGuarded } from './guarded-upsert.ts';
import type { KnownCopies } from './known-copies.ts';
import { batchesOf, entryRows, fitOneStatement, headRow, upsertOf } from './row-statements.ts';
import { DELETED } from './schema.ts';
import { DAMAGED_HEAD, type SessionWords } from './session-words.ts';
import type { SqlConnection } from './sql-connection.ts';
import type { SqlServer } from './sql-server.ts';

export interface WriterParts {
  readonly server: SqlServer;
  readonly words: SessionWords;
  readonly known: KnownCopies;
  readonly marks: DeletionMarks;
  readonly life: StoreLife;
  readonly now: () => number;
}

/** Far above any number of copies, and exact in a double. Never HEADS. */
export const newGeneration = (): number => randomInt(1, 2 ** 48 - 1);

/**
 * A change upon the head that is known is one statement. Whatever that can't do (nothing known, known wrongly,
 * refused, too large) is done by a transaction, which locks the head and judges what it finds.
 */
export function createChangeWriter(parts: WriterParts): (change: Change) => Promise<void> {
  const { server, words, known, now } = parts;
  return async change => {
    const { sessionId } = change;
    const sid = words.idOf(sessionId);
    const entries = withoutRepeats(change.entries);
    for (const { name } of entries) words.nameOf(sessionId, name);
    if (await writeUponKnown(parts, sid, change, entries)) return;
    known.forget(sessionId);
    const copy = await server.transaction(connection =>
      writeUponFound(connection, { sid, change, entries, words, now: now() }),
    );
    if (copy) known.put(sessionId, copy);
  };
}

/** Whether the change is written; where not, nothing is. */
async function writeUponKnown(
  parts: WriterParts,
  sid: Buffer,
  change: Change,
  entries: readonly EntryChange[],
): Promise<boolean> {
  const { server, known, marks, now } = parts;
  const copy = known.get(change.sessionId);
  const verdict = copy && judgeChange({ head: copy.head, fence: copy.head.fence }, change);
  if (!copy || (verdict !== 'write' && verdict !== 'claim')) return false;
  const next = verdict === 'claim' ? copyClaimed(change, copy, now()) : copyAfter(change, copy, now());
  const rows = verdict === 'claim' ? [] : entries.flatMap(entry => entryRows(next.generation, entry));
  const head = headRow(next);
  if (!fitOneStatement([head, ...rows])) return false;
  const upsert = { sid, judged: copy.bytes, head, entries: rows };
  if (!(await server.run(connection => upsertGuarded(connection, upsert)))) return false;
  known.put(change.sessionId, next);
  const gone = rows.filter(({ size }) => size === DELETED).map(({ name }) => name);
  marks.add(sid, next.generation, gone);
  return true;
}

interface ChangeWrite {
  readonly sid: Buffer;
  readonly change: Change;
  readonly entries: readonly EntryChange[];
  readonly words: SessionWords;
  readonly now: number;
}

/** The copy afterwards; undefined where there still is none. */
async function writeUponFound(
  connection: SqlConnection,
  { sid, change, entries, words, now }: ChangeWrite,
): Promise<StoredCopy | undefined> {
  const row = await lockHeadRow(connection, sid);
  const copy = readableCopy(row, change.sessionId, words);
  const verdict = judgeChange({ head: copy?.head, fence: row?.fence ?? 0 }, change);
  if (verdict === 'claim') return copy && claim(connection, sid, copyClaimed(change, copy, now));
  if (verdict !== 'write') throw words.refused(verdict, change.sessionId, standingOf(row));
  const next = copyAfter(change, copy, now);
  const puts = entries.filter(({ value }) => value).flatMap(entry => entryRows(next.generation, entry));
  for (const batch of batchesOf([headRow(next), ...puts])) {
    const { sql, values } = upsertOf(sid, batch);
    await connection.write(sql, values);
  }
  const gone = entries.filter(({ value }) => !value).map(({ name }) => Buffer.from(name));
  for (let start = 0; start < gone.length; start += DELETE_NAMES) {
    const names = gone.slice(start, start + DELETE_NAMES);
    await connection.write(DELETE_ENTRIES, [next.generation, sid, names]);
  }
  return next;
}

const DELETE_NAMES = 500;
const DELETE_ENTRIES = 'DELETE FROM sessiongraph_entries WHERE generation = ? AND sid = ? AND name IN (?)';

async function claim(connection: SqlConnection, sid: Buffer, claimed: StoredCopy): Promise<StoredCopy> {
  const { sql, values } = upsertOf(sid, [headRow(claimed)]);
  await connection.write(sql, values);
  return claimed;
}

/** Throws where the head is damaged. */
export function readableCopy(
  row: HeadRow | undefined,
  sessionId: string,
  words: SessionWords,
): StoredCopy | undefined {
  if (row?.isDamaged) throw words.refused('SESSION_CORRUPT', sessionId, DAMAGED_HEAD);
  return row?.copy;
}

export function standingOf(row: HeadRow | undefined): string {
  const { epoch, revision } = row?.copy?.head ?? { epoch: 0, revision: 0 };
  return `stands at ${epoch}.${revision} behind fence ${row?.fence ?? 0}`;
}

function copyAfter(change: Change, copy: StoredCopy | undefined, now: number): StoredCopy {
  const head = nextCopyHead(copy?.head, { ...change, deleted: false }, now);
  return encodeCopy(change.sessionId, head, copy?.generation ?? newGeneration());
}

function copyClaimed({ sessionId, fence, complete }: Change, copy: StoredCopy, now: number): StoredCopy {
  return encodeCopy(sessionId, { ...copy.head, fence, complete, updatedAt: now }, copy.generation);
}

/** The last of each name. */
const withoutRepeats = (entries: readonly EntryChange[]): EntryChange[] => [
  ...new Map(entries.map(entry => [entry.name, entry])).values(),
];
