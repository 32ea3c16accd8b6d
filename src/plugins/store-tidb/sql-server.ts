import { setTimeout as delay } from 'node:timers/promises';
import { createConnection, createPool, type Pool } from 'mysql2/promise';
import { StoreError } from '../../core/errors.ts';
import { migrate } from './migrations.ts';
import { acquireConnection, type SqlConnection } from './sql-connection.ts';
import {
  hasNumber,
  isConflict,
  isLostConnection,
  storeErrorFor,
  UNKNOWN_DATABASE,
  UNKNOWN_TABLE,
} from './sql-failures.ts';
import { addressOf, limitSilence, poolOptions, type SqlServerOptions } from './sql-options.ts';

/** The database of a store: connected, created and migrated when it is first asked, and not before. */
export interface SqlServer {
  /**
   * Runs the task on a connection; again on another one where the connection was lost, and again after a deadlock
   * or a write conflict. So a task must be one that may run twice: each decides upon what it reads.
   */
  run<T>(task: (connection: SqlConnection) => Promise<T>): Promise<T>;
  /** The same within a transaction, which is rolled back where the task throws. */
  transaction<T>(task: (connection: SqlConnection) => Promise<T>): Promise<T>;
  /** Like `run`, and the connection stays with the task's result, which has to release it; not so where it throws. */
  hand<T>(task: (connection: SqlConnection) => Promise<T>): Promise<T>;
  /** Runs the task once, and rejects with a StoreError where the database failed. */
  translating<T>(task: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A dead pool answers with one dead connection after the other. */
const LOST_RETRIES = 3;
const CONFLICT_RETRIES = 6;
const RELIED_ON = [
  "SET SESSION autocommit = 1, SESSION sql_mode = 'STRICT_ALL_TABLES'",
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
];

export function createSqlServer(options: SqlServerOptions): SqlServer {
  const { name, host, port, database } = options;
  const place = `${host}:${port}/${database}`;
  const pool = createPool(poolOptions(options));
  // First in the queue of a new connection.
  pool.pool.on('connection', connection => {
    for (const sql of limitSilence(options)) connection.query(sql, () => undefined);
    // What the store relies on, whatever the server's defaults are: a statement alone is committed, a snapshot
    // lasts, the place of a head that is not there yet is locked as well, and what does not fit into a row fails instead
    // of being bent. Where it can't be had, nothing that waits behind is sent.
    for (const sql of RELIED_ON) connection.query(sql, error => error && connection.destroy());
  });
  let readied: Promise<void> | undefined;

  const acquire = () => acquireConnection(pool, options, options.onStatement);
  /** Who comes while the first is at it waits for the same. What failed is tried again by the next call. */
  function ready(): Promise<void> {
    readied ??= prepare(options, acquire).catch(error => {
      readied = undefined;
      throw error;
    });
    return readied;
  }
  async function hand<T>(task: (connection: SqlConnection) => Promise<T>): Promise<T> {
    for (let lost = 0, conflicts = 0; ; ) {
      let connection: SqlConnection | undefined;
      try {
        await ready();
        connection = await acquire();
        return await task(connection);
      } catch (error) {
        connection?.release();
        if (hasNumber(error, UNKNOWN_DATABASE, UNKNOWN_TABLE)) readied = undefined;
        if (isLostConnection(error)) lost += 1;
        else if (isConflict(error)) conflicts += 1;
        else throw storeErrorFor(name, place, error);
        if (lost > LOST_RETRIES || conflicts > CONFLICT_RETRIES) throw storeErrorFor(name, place, error);
        await delay(Math.random() * 10 * conflicts * conflicts);
      }
    }
  }
  const run = <T>(task: (connection: SqlConnection) => Promise<T>): Promise<T> =>
    hand(async connection => {
      const result = await task(connection);
      connection.release();
      return result;
    });
  return {
    run,
    hand,
    translating: task =>
      task().catch(error => {
        throw storeErrorFor(name, place, error);
      }),
    transaction: task => run(connection => inTransaction(connection, task)),
    close: () => endPool(pool),
  };
}

async function inTransaction<T>(
  connection: SqlConnection,
  task: (connection: SqlConnection) => Promise<T>,
): Promise<T> {
  await connection.write('START TRANSACTION');
  try {
    const result = await task(connection);
    await connection.write('COMMIT');
    return result;
  } catch (error) {
    // Whatever state it is in, it must not go back to the pool in the middle of a transaction.
    await connection.write('ROLLBACK').catch(() => connection.destroy());
    throw error;
  }
}

async function prepare(options: SqlServerOptions, acquire: () => Promise<SqlConnection>): Promise<void> {
  const connection = await acquire().catch(async error => {
    if (!hasNumber(error, UNKNOWN_DATABASE)) throw error;
    await createDatabase(options);
    return acquire();
  });
  try {
    await migrate(connection, message => new StoreError('STORE_UNAVAILABLE', options.name, message));
  } finally {
    connection.release();
  }
}

async function createDatabase(options: SqlServerOptions): Promise<void> {
  const connection = await createConnection(addressOf(options));
  const timeout = options.statementTimeoutMs;
  try {
    const name = `\`${options.database.replaceAll('`', '``')}\``;
    await connection.query({ sql: `CREATE DATABASE IF NOT EXISTS ${name}`, timeout });
  } finally {
    connection.destroy();
  }
}

/** A server that does not answer keeps nobody from closing. */
async function endPool(pool: Pool): Promise<void> {
  const patience = new AbortController();
  const ended = pool.end().catch(() => undefined);
  await Promise.race([ended, delay(1_000, undefined, { signal: patience.signal }).catch(() => undefined)]);
  patience.abort();
}
