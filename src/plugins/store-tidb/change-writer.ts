import { randomInt } from 'node:crypto';
import { judgeChange, nextCopyHead } from '../../core/copy-rules.ts';
import type { Change, EntryChange } from '../../core/store.ts';
import type { StoreLife } from '../../core/store-life.ts';
import { encodeCopy, type StoredCopy } from './copy-head.ts';
import { type HeadRow, lockHeadRow } from './copy-reader.ts';
import type { DeletionMarks } from './deletion-marks.ts';
import { upsertGuarded } from './guarded-upsert.ts';
import type { KnownCopies } from './known-copies.ts';
import { batchesOf, entryRows, headRow, type NewRow, upsertRows } from './row-statements.ts';
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
  const { server, words, known, marks, now } = parts;
  return async change => {
    const { sessionId } = change;
    const sid = words.idOf(sessionId);
    const entries = inOrder(change.entries);
    for (const { name } of entries) words.nameOf(sessionId, name);
    const given = { sid, change, entries, words, now: now() };
    let copy = await writeUponKnown(server, known.get(sessionId), given);
    if (!copy) {
      known.forget(sessionId);
      copy = await server.transaction(connection => writeUponFound(connection, given));
    }
    if (!copy) return;
    known.put(sessionId, copy);
    // Also of a change that was there already: whoever wrote it may not have learnt so.
    const gone = entries.filter(({ value }) => !value).map(({ name }) => Buffer.from(name));
    marks.add(sid, copy.generation, gone);
  };
}

interface ChangeWrite {
  readonly sid: Buffer;
  readonly change: Change;
  readonly entries: readonly EntryChange[];
  readonly words: SessionWords;
  readonly now: number;
}

/** The copy afterwards; undefined where nothing is written. */
async function writeUponKnown(
  server: SqlServer,
  copy: StoredCopy | undefined,
  given: ChangeWrite,
): Promise<StoredCopy | undefined> {
  const verdict = copy && judgeChange({ head: copy.head, fence: copy.head.fence }, given.change);
  if (!copy || (verdict !== 'write' && verdict !== 'claim')) return undefined;
  const { next, rows } = rowsAfter(verdict, copy, given);
  const head = headRow(next);
  if (batchesOf([head, ...rows]).length > 1) return undefined;
  const upsert = { sid: given.sid, judged: copy.bytes, head, entries: rows };
  return (await server.run(connection => upsertGuarded(connection, upsert))) ? next : undefined;
}

/** The copy afterwards; undefined where there still is none. */
async function writeUponFound(
  connection: SqlConnection,
  given: ChangeWrite,
): Promise<StoredCopy | undefined> {
  const { sid, change, words } = given;
  const row = await lockHeadRow(connection, sid);
  const copy = readableCopy(row, change.sessionId, words);
  const verdict = judgeChange({ head: copy?.head, fence: row?.fence ?? 0 }, change);
  if (verdict !== 'write' && verdict !== 'claim')
    throw words.refused(verdict, change.sessionId, standingOf(row));
  if (verdict === 'claim' && !copy) return undefined;
  const { next, rows } = rowsAfter(verdict, copy, given);
  for (const batch of batchesOf([headRow(next), ...rows])) await upsertRows(connection, sid, batch);
  return next;
}

/** The copy with the change, or claimed for its sender, and what has to be written besides the head. */
function rowsAfter(
  verdict: 'write' | 'claim',
  copy: StoredCopy | undefined,
  { change, entries, now }: ChangeWrite,
): { readonly next: StoredCopy; readonly rows: readonly NewRow[] } {
  const { sessionId, fence, complete } = change;
  if (verdict === 'claim' && copy) {
    const head = { ...copy.head, fence, complete, updatedAt: now };
    return { next: encodeCopy(sessionId, head, copy.generation), rows: [] };
  }
  const head = nextCopyHead(copy?.head, { ...change, deleted: false }, now);
  const next = encodeCopy(sessionId, head, copy?.generation ?? newGeneration());
  return { next, rows: entries.flatMap(entry => entryRows(next.generation, entry)) };
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

/** The last of each name; nearly in the order of the keys, in which they are locked by whoever prunes. */
const inOrder = (entries: readonly EntryChange[]): EntryChange[] =>
  [...new Map(entries.map(entry => [entry.name, entry])).values()].sort((a, b) => (a.name < b.name ? -1 : 1));
