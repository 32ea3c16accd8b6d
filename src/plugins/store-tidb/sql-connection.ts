import { drizzle, type MySqlRemoteDatabase } from 'drizzle-orm/mysql-proxy';
import type { Pool, PoolConnection, ResultSetHeader } from 'mysql2/promise';
import { hasNumber, isAnswer, PREPARED_ENOUGH, SqlTimeout } from './sql-failures.ts';

/**
 * Only bytes and numbers ever go into a statement: the driver writes bytes as hex, or beside a prepared statement, so
 * nothing needs to be escaped. Nor is there anything to escape in base64, the one kind of text.
 */
export type SqlValue = CellValue | readonly Buffer[];
/** Of a cell of a row. */
export type CellValue = Buffer | number | null | Base64;

declare const base64: unique symbol;
export type Base64 = string & { readonly [base64]: true };

/** For `FROM_BASE64(?)`: a third longer than the bytes, where hex is twice as long. */
export const toBase64 = (bytes: Buffer): Base64 => bytes.toString('base64') as Base64;

/** One connection, for as long as a task has it. Every statement ends within a bounded time. */
export interface SqlConnection {
  /** How many rows it changed; with ON DUPLICATE KEY UPDATE each one that was there before counts twice. */
  write(statement: string, values?: readonly SqlValue[]): Promise<number>;
  /**
   * For what is sent again and again: from the second time on a connection it is prepared, which takes a round trip
   * more once; where the server prepares no more statements, it is sent as text.
   */
  writeOften(statement: string, values: readonly CellValue[]): Promise<void>;
  /** The columns of each row as they come: of thousands of rows, what a builder makes of each costs more than to read it. */
  readRows(statement: string, values?: readonly SqlValue[]): Promise<readonly (readonly unknown[])[]>;
  /** All other reads, by drizzle's builder. */
  readonly db: MySqlRemoteDatabase;
  release(): void;
  /** Also in the middle of a statement, which is then rejected. */
  destroy(): void;
}

export interface Waits {
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

/** Waits for a free connection, or for a new one, and not for ever. */
export async function acquireConnection(
  pool: Pool,
  waits: Waits,
  onStatement?: (statement: string) => void,
): Promise<SqlConnection> {
  const acquired = pool.getConnection().catch(error => {
    // Of its own the pool says without a code that too many wait already.
    throw 'code' in error ? error : new SqlTimeout(`has no free connection: ${error.message}`);
  });
  const connection = await withinTime(acquired, waits.connectTimeoutMs, 'has no free connection', () => {
    acquired.then(late => late.release()).catch(() => undefined);
  });
  return boundedConnection(connection, waits.statementTimeoutMs, onStatement);
}

/** What each of the driver's connections has sent that is sent often. */
const sentBefore = new WeakMap<object, Set<string>>();

function isSentAgain({ connection }: PoolConnection, statement: string): boolean {
  const before = sentBefore.get(connection) ?? new Set();
  const isAgain = before.has(statement);
  sentBefore.set(connection, before.add(statement));
  return isAgain;
}

function boundedConnection(
  connection: PoolConnection,
  timeoutMs: number,
  onStatement?: (statement: string) => void,
): SqlConnection {
  let isUsable = true;

  async function bounded<T>(sql: string, send: () => Promise<[unknown, unknown]>): Promise<T> {
    if (!isUsable) throw new SqlTimeout('was given up while it was in use');
    onStatement?.(sql);
    try {
      const [result] = await withinTime(send(), timeoutMs, 'does not answer in time', destroy);
      return result as T;
    } catch (error) {
      // A connection that failed may still get the answer to the statement before.
      if (!isAnswer(error)) destroy();
      throw error;
    }
  }
  const query = <T>(sql: string, values: readonly unknown[], rowsAsArray: 'rows' | 'objects') =>
    bounded<T>(sql, () =>
      connection.query({ sql, values: [...values], rowsAsArray: rowsAsArray === 'rows' }),
    );
  function destroy() {
    if (!isUsable) return;
    isUsable = false;
    connection.destroy();
  }
  return {
    write: async (statement, values = []) =>
      (await query<ResultSetHeader>(statement, values, 'objects')).affectedRows,
    async writeOften(statement, values) {
      if (isSentAgain(connection, statement))
        try {
          await bounded(statement, () => connection.execute(statement, [...values]));
          return;
        } catch (error) {
          if (!hasNumber(error, PREPARED_ENOUGH)) throw error;
        }
      await query(statement, values, 'objects');
    },
    readRows: (statement, values = []) => query<unknown[][]>(statement, values, 'rows'),
    db: drizzle(async (statement, values) => ({ rows: await query<unknown[]>(statement, values, 'rows') })),
    release() {
      if (isUsable) connection.release();
      isUsable = false;
    },
    destroy,
  };
}

async function withinTime<T>(
  promise: Promise<T>,
  timeoutMs: number,
  complaint: string,
  giveUp: () => void,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new SqlTimeout(`${complaint} (${timeoutMs} ms)`));
      giveUp();
    }, timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    promise.catch(() => undefined);
  }
}
