import type { SessionStore } from '../../core/store.ts';
import { createSnapshots } from './snapshots.ts';
import type { SqlAddress } from './sql-options.ts';
import { createSqlServer } from './sql-server.ts';
import { createTidbStore } from './tidb-store.ts';

export interface TidbStoreOptions extends SqlAddress {
  readonly name: string;
  readonly clock?: { now(): number };
  /** How long a lease lasts by the clock of the database. */
  readonly leaseLifetimeMs?: number;
  readonly connectionLimit?: number;
  /** How many whole copies are read at once. */
  readonly snapshotLimit?: number;
  readonly connectTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
  /** How long the reader of a whole copy may pause. */
  readonly readerPauseMs?: number;
  /** Sees every statement, which is one round trip each; one that is prepared, two when it is. */
  readonly onStatement?: (statement: string) => void;
}

/** Longer than a reader may pause. It holds no locks. */
const READER_ABANDONED_SECONDS = 90;

/** Sessions in TiDB, MySQL or MariaDB. Opens without asking the server: it may be away, and come later. */
export async function openTidbStore(options: TidbStoreOptions): Promise<SessionStore> {
  const { name, clock = Date, connectionLimit = 8, snapshotLimit = 4, readerPauseMs = 60_000 } = options;
  const { connectTimeoutMs = 5_000, statementTimeoutMs = 8_000, leaseLifetimeMs = 15_000 } = options;
  const common = { ...options, connectTimeoutMs, statementTimeoutMs };
  // An owner that falls silent in the middle of a transaction keeps its locks until then. Its lease lasts two thirds of
  // its life at least when it does, so whoever takes over finds no locks any more. What it sent may arrive even later,
  // and lock again: not for so long that a third of a life goes by, in which the new owner renews.
  const abandonedAfterSeconds = Math.max(1, Math.floor(leaseLifetimeMs / 2_000));
  const abandonedTransactionSeconds = Math.max(1, Math.floor(leaseLifetimeMs / 6_000));
  return createTidbStore({
    name,
    server: createSqlServer({
      ...{ ...common, connectionLimit },
      ...{ abandonedAfterSeconds, abandonedTransactionSeconds },
    }),
    snapshotServer: createSqlServer({
      ...common,
      connectionLimit: snapshotLimit,
      abandonedAfterSeconds: READER_ABANDONED_SECONDS,
      abandonedTransactionSeconds: READER_ABANDONED_SECONDS,
    }),
    snapshots: createSnapshots(name, readerPauseMs),
    now: () => clock.now(),
    leaseLifetimeMs,
  });
}
