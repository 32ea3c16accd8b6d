import { firstTables } from './migrations/0001-first-tables.ts';
import { leaseTable } from './migrations/0002-leases.ts';
import type { SqlConnection } from './sql-connection.ts';
import { hasNumber, UNKNOWN_TABLE } from './sql-failures.ts';

/** In their order; the version of the schema is their number. */
const MIGRATIONS: readonly (readonly string[])[] = [firstTables, leaseTable];

const LOCK_SECONDS = 5;
/** Of the server, so the database is part of it. */
const LOCK = "CONCAT('sessiongraph ', LEFT(SHA1(DATABASE()), 32))";

/** Brings the schema up to date. One client at a time: DDL is no part of any transaction. */
export async function migrate(connection: SqlConnection, refuse: (message: string) => Error): Promise<void> {
  if ((await checkedVersion(connection, refuse)) === MIGRATIONS.length) return;
  const [locked] = await connection.readRows(`SELECT GET_LOCK(${LOCK}, ${LOCK_SECONDS})`);
  if (Number(locked?.[0]) !== 1) throw refuse('another server is migrating the database, and takes long');
  try {
    const version = await checkedVersion(connection, refuse);
    for (let next = version; next < MIGRATIONS.length; next += 1) await apply(connection, next);
  } finally {
    await connection.readRows(`SELECT RELEASE_LOCK(${LOCK})`).catch(() => connection.destroy());
  }
}

async function apply(connection: SqlConnection, index: number): Promise<void> {
  for (const statement of MIGRATIONS[index] ?? []) await connection.write(statement);
  await connection.write(
    'CREATE TABLE IF NOT EXISTS sessiongraph_migrations (version INT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)',
  );
  await connection.write('INSERT IGNORE INTO sessiongraph_migrations VALUES (?, UNIX_TIMESTAMP() * 1000)', [
    index + 1,
  ]);
}

/** Throws where a newer sessiongraph was here: what it wrote this one may not understand. */
async function checkedVersion(
  connection: SqlConnection,
  refuse: (message: string) => Error,
): Promise<number> {
  const [found] = await connection
    .readRows('SELECT MAX(version) FROM sessiongraph_migrations')
    .catch((error: unknown) => {
      if (hasNumber(error, UNKNOWN_TABLE)) return [[0]];
      throw error;
    });
  const version = Number(found?.[0] ?? 0);
  if (version <= MIGRATIONS.length) return version;
  throw refuse(
    `the schema of the database has version ${version}, and this sessiongraph knows versions up to ${MIGRATIONS.length}: update it`,
  );
}
