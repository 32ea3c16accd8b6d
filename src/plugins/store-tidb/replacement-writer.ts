import { judgeReplacement, nextCopyHead } from '../../core/copy-rules.ts';
import type { KeyedLanes } from '../../core/keyed-lanes.ts';
import type { Replacement } from '../../core/store.ts';
import { newGeneration, standingOf, type WriterParts } from './change-writer.ts';
import { encodeCopy, type StoredCopy } from './copy-head.ts';
import { type HeadRow, lockHeadRow, readHeadRow } from './copy-reader.ts';
import {
  beginGeneration,
  dropGeneration,
  linkGeneration,
  sweepGenerations,
  unlinkGeneration,
} from './generations.ts';
import { bytesOf, entryRows, headRow, type NewRow, upsertRows } from './row-statements.ts';
import type { SessionWords } from './session-words.ts';
import type { SqlConnection } from './sql-connection.ts';

const STAGED_ROWS = 500;
const STAGED_BYTES = 1024 * 1024;

/**
 * Stages the entries under a generation that no head shows, then lets one transaction judge again and show it.
 * Only that transaction waits for the other writes of the session.
 */
export function createReplacementWriter(
  parts: WriterParts,
  lanes: KeyedLanes,
): (replacement: Replacement) => Promise<void> {
  const { server, words, known, life } = parts;
  return async replacement => {
    const { sessionId } = replacement;
    const sid = words.idOf(sessionId);
    check(await server.run(connection => readHeadRow(connection, sid)), replacement, words);
    const generation = newGeneration();
    const drop = (loose: number) => life.inBackground(() => dropGeneration(server, loose, sid));
    await beginGeneration(server, generation, sid);
    try {
      if (!replacement.deleted) await stage(parts, sid, generation, replacement);
      const { old } = await lanes(sessionId, async () => {
        known.forget(sessionId);
        const shown = await server.transaction(connection =>
          show(connection, { sid, generation, replacement, parts }),
        );
        known.put(sessionId, shown.copy);
        return shown;
      });
      if (old !== undefined) drop(old);
    } catch (error) {
      drop(generation);
      throw error;
    }
    life.inBackground(() => sweepGenerations(server));
  };
}

async function stage(
  { server, words }: WriterParts,
  sid: Buffer,
  generation: number,
  { sessionId, entries }: Replacement,
): Promise<void> {
  let pending: NewRow[] = [];
  let pendingBytes = 0;
  async function flush() {
    if (pending.length > 0) await server.run(connection => upsertRows(connection, sid, pending));
    pending = [];
    pendingBytes = 0;
  }
  for await (const entry of entries) {
    words.nameOf(sessionId, entry.name);
    for (const row of entryRows(generation, entry)) {
      const size = bytesOf([row]);
      if (pending.length === STAGED_ROWS || pendingBytes + size > STAGED_BYTES) await flush();
      pending.push(row);
      pendingBytes += size;
    }
  }
  await flush();
}

interface Showing {
  readonly sid: Buffer;
  readonly generation: number;
  readonly replacement: Replacement;
  readonly parts: WriterParts;
}

interface Shown {
  readonly copy: StoredCopy;
  /** The generation that is not shown any more, and is to be deleted. */
  readonly old: number | undefined;
}

async function show(
  connection: SqlConnection,
  { sid, generation, replacement, parts }: Showing,
): Promise<Shown> {
  const { sessionId } = replacement;
  const row = await lockHeadRow(connection, sid);
  // An attempt before this one went through, and only its answer was lost.
  if (row?.copy?.generation === generation) return { copy: row.copy, old: undefined };
  check(row, replacement, parts.words);
  if (!(await linkGeneration(connection, generation)))
    throw parts.words.refused('STORE_UNAVAILABLE', sessionId, 'took too long to arrive; try again');
  if (row?.isDamaged) await setAside(connection, sid);
  if (row?.copy) await unlinkGeneration(connection, row.copy.generation, sid);
  const next = copyAfter(replacement, row?.copy, generation, parts.now());
  await upsertRows(connection, sid, [headRow(next)]);
  return { copy: next, old: row?.copy?.generation };
}

/** A damaged head is kept as it is, and its entries with it, for somebody who may understand them. */
async function setAside(connection: SqlConnection, sid: Buffer): Promise<void> {
  const sql = `INSERT IGNORE INTO sessiongraph_damaged
    SELECT sid, COALESCE(copy_generation, 0), value, UNIX_TIMESTAMP() FROM sessiongraph_entries
    WHERE generation = 0 AND sid = ? AND name = '' AND chunk = 0`;
  await connection.write(sql, [sid]);
}

function check(row: HeadRow | undefined, replacement: Replacement, words: SessionWords): void {
  const verdict = judgeReplacement({ head: row?.copy?.head, fence: row?.fence ?? 0 }, replacement);
  if (verdict !== 'write') throw words.refused(verdict, replacement.sessionId, standingOf(row));
}

function copyAfter(
  replacement: Replacement,
  old: StoredCopy | undefined,
  generation: number,
  now: number,
): StoredCopy {
  return encodeCopy(replacement.sessionId, nextCopyHead(old?.head, replacement, now), generation);
}
