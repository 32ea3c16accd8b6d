import type { PoolOptions } from 'mysql2/promise';
import type { Waits } from './sql-connection.ts';

export interface SqlAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Created where the user may do that. Our tables begin with `sessiongraph_`; no other is touched. */
  readonly database: string;
  /** `on` verifies the server's certificate. */
  readonly tls: 'on' | 'off';
  /** PEM of the authority behind the certificate, where Node does not know it. */
  readonly ca?: string;
}

export interface SqlServerOptions extends SqlAddress, Waits {
  readonly name: string;
  readonly connectionLimit: number;
  /** When the server gives up a connection that says nothing; by default that is eight hours. */
  readonly abandonedAfterSeconds: number;
  /**
   * The same in the middle of a transaction, whose locks a client keeps that lost its power. TiDB and MariaDB know the
   * difference; MySQL does not.
   */
  readonly abandonedTransactionSeconds: number;
  readonly onStatement?: (statement: string) => void;
}

export const addressOf = ({ host, port, user, password, tls, ca, connectTimeoutMs }: SqlServerOptions) => ({
  host,
  port,
  user,
  password,
  connectTimeout: connectTimeoutMs,
  enableKeepAlive: true,
  keepAliveInitialDelay: 10_000,
  ...(tls === 'on' && {
    ssl: {
      minVersion: 'TLSv1.2' as const,
      rejectUnauthorized: true,
      verifyIdentity: true,
      ...(ca !== undefined && { ca }),
    },
  }),
});

/**
 * What is idle goes before the server cuts it, TiDB Cloud's too: the pool looks once a second, and only where `maxIdle`
 * is below its limit. With a lease of usual length it does not go between two renewals, so a quiet store keeps one.
 */
export const poolOptions = (options: SqlServerOptions): PoolOptions => ({
  ...addressOf(options),
  database: options.database,
  connectionLimit: options.connectionLimit,
  maxIdle: Math.min(2, options.connectionLimit - 1),
  idleTimeout: idleMs(options.abandonedAfterSeconds * 1_000),
  queueLimit: 1_000,
  maxPreparedStatements: 32,
});

const idleMs = (abandonedAfterMs: number): number =>
  Math.min(60_000, Math.max(abandonedAfterMs / 2, abandonedAfterMs - 1_200));

/**
 * Two statements, because an older TiDB does not know the second; in comments that only MariaDB reads, or only TiDB.
 */
export const limitSilence = (options: SqlServerOptions): readonly string[] => [
  `SET SESSION wait_timeout = ${options.abandonedAfterSeconds}`,
  `SET SESSION wait_timeout = ${options.abandonedAfterSeconds} ` +
    `/*M!100300 , SESSION idle_transaction_timeout = ${options.abandonedTransactionSeconds} */ ` +
    `/*T! , SESSION tidb_idle_transaction_timeout = ${options.abandonedTransactionSeconds} */`,
];
