import type { SessionStore } from '../../core/store.ts';
import { createSnapshots } from './snapshots.ts';
import { createSqlServer } from './sql-server.ts';
import { createTidbStore } from './tidb-store.ts';

export interface TidbStoreOptions {
  readonly name: string;
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
  /** When the server ends a silent connection, and with it the locks of a client that died. */
  readonly abandonedAfterSeconds?: number;
  /** Sees every statement, which is one round trip each. */
  readonly onStatement?: (statement: string) => void;
}

/** Sessions in TiDB, MySQL or MariaDB. Opens without asking the server: it may be away, and come later. */
export async function openTidbStore(options: TidbStoreOptions): Promise<SessionStore> {
  const { name, clock = Date, connectionLimit = 8, snapshotLimit = 4, readerPauseMs = 60_000 } = options;
  const { connectTimeoutMs = 5_000, statementTimeoutMs = 8_000, leaseLifetimeMs = 15_000 } = options;
  // Longer than the pool keeps what is idle, and than a reader may pause.
  const { abandonedAfterSeconds = 90 } = options;
  const common = { ...options, connectTimeoutMs, statementTimeoutMs, abandonedAfterSeconds };
  return createTidbStore({
    name,
    server: createSqlServer({ ...common, connectionLimit }),
    snapshotServer: createSqlServer({ ...common, connectionLimit: snapshotLimit }),
    snapshots: createSnapshots(name, readerPauseMs),
    now: () => clock.now(),
    leaseLifetimeMs,
  });
}
