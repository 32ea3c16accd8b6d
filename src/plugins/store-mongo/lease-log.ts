import type { Lease } from '../../core/store.ts';
import { numberedId, sessionRange } from './document-ids.ts';
import { type Documents, insertIfFree } from './documents.ts';
import { POST_KEPT_MS } from './folding.ts';
import { isOf, type LeaseRecord, readRecord, recordDocument, recordId } from './lease-records.ts';

/** Far less than posts are kept. */
const TRUSTED_MS = 24 * 3600_000;

/**
 * The records of all leases. Whoever read record n adds n + 1, and of all who do one succeeds. As with the slots of a
 * session, records are removed later, and an id that is free again must not look like the next one: see `add`.
 */
export interface LeaseLog {
  last(sessionId: string): Promise<LeaseRecord | undefined>;
  /** Without those of whom there is none. */
  lastOf(sessionIds: readonly string[]): Promise<ReadonlyMap<string, LeaseRecord>>;
  /** Whether it became the last one. */
  add(record: LeaseRecord): Promise<boolean>;
  /** Adds what follows upon records of our own that are known to be the last; resolves to those that became the last. */
  addKnown(records: readonly LeaseRecord[]): Promise<LeaseRecord[]>;
  /** The last record of this lease, where this process wrote it and nothing speaks against believing so. */
  known(lease: Lease): LeaseRecord | undefined;
  forget(sessionId: string): void;
  running(now: number): Promise<LeaseRecord[]>;
}

export interface LeaseLogParts {
  readonly documents: Documents;
  readonly now: () => number;
  readonly inBackground: (task: () => Promise<unknown>) => void;
}

const RECORDS = 'sessiongraph_leases';

export function createLeaseLog({ documents, now, inBackground }: LeaseLogParts): LeaseLog {
  const ours = new Map<string, { record: LeaseRecord; closures: number; at: number }>();
  let indexed: Promise<void> | undefined;

  async function last(sessionId: string): Promise<LeaseRecord | undefined> {
    const [raw] = await documents.find(RECORDS, [sessionRange(sessionId)], 'newest-first');
    return raw && readRecord(raw);
  }
  async function lastOf(sessionIds: readonly string[]): Promise<Map<string, LeaseRecord>> {
    if (sessionIds.length === 0) return new Map();
    const found = await documents.find(RECORDS, sessionIds.map(sessionRange));
    return new Map(found.map(readRecord).map(record => [record.sessionId, record]));
  }
  const remember = (record: LeaseRecord, closures: number) =>
    ours.set(record.sessionId, { record, closures, at: now() });

  /** All before it, but posts: those only when nobody can have missed them any more. */
  async function sweep({ sessionId, number, at }: LeaseRecord): Promise<void> {
    const before = { from: sessionRange(sessionId).from, to: numberedId(sessionId, number) };
    await documents.remove(RECORDS, [before], { isPost: false });
    await documents.remove(RECORDS, [before], { isPost: true, before: at - POST_KEPT_MS });
  }

  return {
    last,
    lastOf,
    async add(record) {
      // Without the index the leases that run are found as well, only more slowly.
      indexed ??= documents.index(RECORDS, 'listedUntil').catch(() => {
        indexed = undefined;
      });
      await indexed;
      const closures = documents.closures();
      if (!(await insertIfFree(documents, RECORDS, recordDocument(record)))) return false;
      // It was free because it comes next, or because it was removed long ago: then there is a later one.
      if ((await last(record.sessionId))?.number !== record.number) return false;
      remember(record, closures);
      inBackground(() => sweep(record));
      return true;
    },
    async addKnown(records) {
      const closures = documents.closures();
      if (records.length === 0) return [];
      const before = records.flatMap(({ sessionId }) => ours.get(sessionId)?.record ?? []);
      for (const { sessionId } of records) ours.delete(sessionId);
      const taken = await documents.insertFree(RECORDS, records.map(recordDocument));
      // It may have gone to another server, which knows of others.
      if (documents.closures() !== closures) return [];
      // What was remembered meanwhile is newer.
      const added = records.filter(record => !taken.has(recordId(record)) && !ours.has(record.sessionId));
      for (const record of added) remember(record, closures);
      const superseded = before.filter(({ isPost }) => !isPost).map(recordId);
      inBackground(() => documents.removeIds(RECORDS, superseded));
      return added;
    },
    known(lease) {
      const { record, closures, at } = ours.get(lease.sessionId) ?? { at: 0 };
      const ageMs = now() - at;
      const isTrusted = closures === documents.closures() && ageMs >= 0 && ageMs < TRUSTED_MS;
      return isTrusted && isOf(record, lease) ? record : undefined;
    },
    forget: sessionId => void ours.delete(sessionId),
    async running(now) {
      const found = await documents.findAbove(RECORDS, 'listedUntil', now);
      const newest = new Map<string, LeaseRecord>();
      for (const record of found.map(readRecord))
        if (record.number > (newest.get(record.sessionId)?.number ?? 0)) newest.set(record.sessionId, record);
      return [...newest.values()];
    },
  };
}
