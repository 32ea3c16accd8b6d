import { encodeCopy, type StoredCopy } from './copy-head.ts';
import type { HeadRow } from './copy-reader.ts';
import { headRow, leasedRow, upsertRows } from './row-statements.ts';
import { HEADS } from './schema.ts';
import type { SqlConnection } from './sql-connection.ts';

export interface RaisedFence {
  readonly sessionId: string;
  readonly sid: Buffer;
  /** Locked by this transaction. */
  readonly row: HeadRow | undefined;
  readonly fence: number;
}

/** Every write with an older epoch is refused as soon as the transaction ends. Resolves to the copy as it is then. */
export async function raiseFence(
  connection: SqlConnection,
  { sessionId, sid, row, fence }: RaisedFence,
): Promise<StoredCopy | undefined> {
  if (row?.isDamaged) {
    await connection.write(RAISE_ALONE, [fence, sid]);
    return undefined;
  }
  const copy = row?.copy && encodeCopy(sessionId, { ...row.copy.head, fence }, row.copy.generation);
  await upsertRows(connection, sid, [copy ? headRow(copy) : leasedRow(fence)]);
  return copy;
}

/** Of a damaged head nothing else is touched. */
const RAISE_ALONE = `UPDATE sessiongraph_entries SET fence = ?
  WHERE generation = ${HEADS} AND sid = ? AND name = '' AND chunk = 0`;
