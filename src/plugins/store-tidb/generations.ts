import { and, eq, sql } from 'drizzle-orm';
import { unlinked } from './schema.ts';
import type { SqlConnection } from './sql-connection.ts';
import type { SqlServer } from './sql-server.ts';

/** A replacement that takes longer than this is taken for one whose server died. */
const ABANDONED_SECONDS = 6 * 60 * 60;
const DELETE_ROWS = 500;
const SWEEP_LIMIT = 20;

/** From now on the rows of the generation are known to belong to no copy, whatever happens to this server. */
export async function beginGeneration(server: SqlServer, generation: number, sid: Buffer): Promise<void> {
  await server.run(connection => connection.write(INSERT_UNLINKED, [generation, sid, 0]));
}

const INSERT_UNLINKED =
  'INSERT INTO sessiongraph_unlinked VALUES (?, ?, UNIX_TIMESTAMP(), ?) ON DUPLICATE KEY UPDATE dead = VALUES(dead)';

/** Within the transaction that shows the generation. False where it was taken for abandoned. */
export async function linkGeneration(connection: SqlConnection, generation: number): Promise<boolean> {
  const sqlText = 'DELETE FROM sessiongraph_unlinked WHERE generation = ? AND dead = 0';
  return (await connection.write(sqlText, [generation])) === 1;
}

/** Within the transaction that no longer shows it. */
export async function unlinkGeneration(
  connection: SqlConnection,
  generation: number,
  sid: Buffer,
): Promise<void> {
  await connection.write(INSERT_UNLINKED, [generation, sid, 1]);
}

/** Deletes the rows in steps. It is declared dead first, so that it can't be shown while its rows go. */
export async function dropGeneration(server: SqlServer, generation: number, sid: Buffer): Promise<void> {
  const declare = 'UPDATE sessiongraph_unlinked SET dead = 1 WHERE generation = ?';
  const step = `DELETE FROM sessiongraph_entries WHERE generation = ? AND sid = ? LIMIT ${DELETE_ROWS}`;
  await server.run(connection => connection.write(declare, [generation]));
  const [isUnlinked] = await server.run(({ db }) =>
    db
      .select({ generation: unlinked.generation })
      .from(unlinked)
      .where(and(eq(unlinked.generation, generation), eq(unlinked.dead, 1))),
  );
  if (!isUnlinked) return;
  let deleted = DELETE_ROWS;
  while (deleted === DELETE_ROWS)
    deleted = await server.run(connection => connection.write(step, [generation, sid]));
  const forget = 'DELETE FROM sessiongraph_unlinked WHERE generation = ?';
  await server.run(connection => connection.write(forget, [generation]));
}

/** What servers that died left behind. */
export async function sweepGenerations(server: SqlServer): Promise<void> {
  const left = await server.run(({ db }) =>
    db
      .select({ generation: unlinked.generation, sid: unlinked.sid })
      .from(unlinked)
      .where(sql`${unlinked.since} < UNIX_TIMESTAMP() - ${sql.raw(`${ABANDONED_SECONDS}`)}`)
      .limit(SWEEP_LIMIT),
  );
  for (const { generation, sid } of left) await dropGeneration(server, generation, sid);
}
