import { and, eq, gt, inArray, sql } from 'drizzle-orm';
import type { Lease, RunningLease } from '../../core/store.ts';
import { leases } from './schema.ts';
import type { SqlConnection } from './sql-connection.ts';

/**
 * Milliseconds since 1970 by the clock of the database, when the statement began. Not by way of NOW(), whose hour
 * comes twice when summer time ends.
 */
const NOW = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000";
const now = sql<number>`${sql.raw(NOW)}`.mapWith(Number);
const RELEASED = 0;

export interface LeaseRow {
  readonly sid: Buffer;
  /** The highest that was ever given; 0 where none was. */
  readonly epoch: number;
  readonly holder: string;
  /** As of the beginning of the statement that read it: later it may have run out, but not begun again. */
  readonly isRunning: boolean;
  readonly isReleased: boolean;
}

const columns = { sid: leases.sid, epoch: leases.epoch, holder: leases.holder, endsAt: leases.endsAt, now };

interface FoundRow {
  readonly sid: Buffer;
  readonly epoch: number;
  readonly holder: Buffer;
  readonly endsAt: number;
  readonly now: number;
}

const parseRow = ({ sid, epoch, holder, endsAt, now }: FoundRow): LeaseRow => ({
  sid,
  epoch,
  holder: holder.toString(),
  isRunning: endsAt > now,
  isReleased: endsAt === RELEASED,
});

const leaseOf = ({ sid, epoch, holder }: Pick<FoundRow, 'sid' | 'epoch' | 'holder'>): Lease => ({
  sessionId: sid.toString(),
  holder: holder.toString(),
  epoch,
});

/** The row is made where there was none: nobody else passes here before the transaction ends. */
export async function lockLeaseRow(connection: SqlConnection, sid: Buffer): Promise<LeaseRow> {
  await connection.write(MAKE_ROW, [sid]);
  const [row] = await connection.db.select(columns).from(leases).where(eq(leases.sid, sid)).for('update');
  if (!row) throw new Error('a row is gone that this transaction holds');
  return parseRow(row);
}

const MAKE_ROW = `INSERT INTO sessiongraph_leases (sid, epoch, holder, ends_at) VALUES (?, 0, '', ${RELEASED})
  ON DUPLICATE KEY UPDATE epoch = epoch`;

export interface BoundLease {
  readonly sid: Buffer;
  readonly epoch: number;
  readonly holder: Buffer;
}

export async function writeLease(
  connection: SqlConnection,
  { sid, epoch, holder }: BoundLease,
  lifetimeMs: number,
): Promise<void> {
  const statement = `UPDATE sessiongraph_leases SET epoch = ?, holder = ?, ends_at = ${NOW} + ? WHERE sid = ?`;
  await connection.write(statement, [epoch, holder, lifetimeMs, sid]);
}

/** How many of them are still their holder's, and last so long from now on. */
export function prolongLeases(
  connection: SqlConnection,
  asked: readonly BoundLease[],
  lifetimeMs: number,
): Promise<number> {
  const each = asked.map(() => '(sid = ? AND epoch = ? AND holder = ?)').join(' OR ');
  // By the other index it would lock in another order than whoever acquires, and meet them in deadlocks.
  const statement = `UPDATE sessiongraph_leases FORCE INDEX (PRIMARY) SET ends_at = ${NOW} + ?
    WHERE ends_at <> ${RELEASED} AND (${each})`;
  const values = asked.flatMap(({ sid, epoch, holder }) => [sid, epoch, holder]);
  return connection.write(statement, [lifetimeMs, ...values]);
}

export async function endLease(connection: SqlConnection, { sid, epoch, holder }: BoundLease): Promise<void> {
  const statement = `UPDATE sessiongraph_leases SET ends_at = ${RELEASED} WHERE sid = ? AND epoch = ? AND holder = ?`;
  await connection.write(statement, [sid, epoch, holder]);
}

export async function readLeaseRows(
  { db }: SqlConnection,
  sids: readonly Buffer[],
): Promise<readonly LeaseRow[]> {
  const found = await db
    .select(columns)
    .from(leases)
    .where(inArray(leases.sid, [...sids]));
  return found.map(parseRow);
}

/** Those that run now: of one session, or all. */
export async function readRunning({ db }: SqlConnection, sid?: Buffer): Promise<RunningLease[]> {
  const found = await db
    .select(columns)
    .from(leases)
    .where(and(sid && eq(leases.sid, sid), gt(leases.endsAt, now)));
  return found.map(row => ({ ...leaseOf(row), leftMs: row.endsAt - row.now }));
}
