import { StoreError } from '../../core/errors.ts';
import type { Lease, LeaseRequest, LeaseStore } from '../../core/store.ts';
import type { StoreLife } from '../../core/store-life.ts';
import type { Documents } from './documents.ts';
import type { LeaseLog } from './lease-log.ts';
import { isOf, type LeaseRecord, leaseOf, runsAt } from './lease-records.ts';

export interface MongoLeaseParts {
  readonly store: string;
  readonly documents: Documents;
  readonly log: LeaseLog;
  readonly life: StoreLife;
  /** Of this store object. */
  readonly writer: string;
  readonly lifetimeMs: number;
  /** Resolves to the fence that was there before. A higher one stays. */
  readonly raiseFence: (sessionId: string, fence: number) => Promise<number>;
}

const ATTEMPTS = 20;
const SESSIONS_AT_ONCE = 16;

/**
 * First the record decides who holds the lease, then the fence is raised; whoever is cut off between the two was never
 * told of a lease. Times are read before they are judged or built upon, so that a slow answer makes no lease longer.
 */
export function createMongoLeases(parts: MongoLeaseParts): LeaseStore {
  const { store, documents, log, life, writer, lifetimeMs, raiseFence } = parts;

  function following(last: LeaseRecord | undefined, lease: Lease, now: number): LeaseRecord {
    const endsAt = now + lifetimeMs;
    return {
      ...leaseOf(lease),
      number: (last?.number ?? 0) + 1,
      endsAt,
      isReleased: false,
      listedUntil: Math.max(endsAt, last?.listedUntil ?? 0),
      writer,
      isPost: last?.writer !== writer,
      at: now,
    };
  }
  const look = (sessionId: string) => Promise.all([documents.serverNow(), log.last(sessionId)]);

  /** Tries until what it saw was the last record still when it added the next one. */
  async function untilAdded<T>(sessionId: string, attempt: () => Promise<T | 'again'>): Promise<T> {
    for (let count = 0; count < ATTEMPTS; count += 1) {
      const result = await attempt();
      if (result !== 'again') return result;
    }
    const why = `session ${sessionId} is leased by others all the time`;
    throw new StoreError('STORE_UNAVAILABLE', store, why);
  }

  function acquire({ sessionId, holder, above, whereHeld }: LeaseRequest): Promise<Lease> {
    let highest = above;
    return untilAdded(sessionId, async () => {
      const [now, last] = await look(sessionId);
      if (runsAt(last, now) && last.holder !== holder && whereHeld !== 'take-over') {
        const why = `session ${sessionId} is held by ${last.holder}`;
        throw new StoreError('SESSION_HELD_ELSEWHERE', store, why);
      }
      const lease = { sessionId, holder, epoch: Math.max(highest, last?.epoch ?? 0) + 1 };
      if (!(await log.add(following(last, lease, now)))) return 'again';
      const fence = await raiseFence(sessionId, lease.epoch);
      highest = Math.max(highest, fence);
      return fence < lease.epoch ? lease : 'again';
    });
  }

  /** Whoever looks again makes sure of the fence as well: an older state of the store may have lost either. */
  function renewOne(lease: Lease): Promise<boolean> {
    return untilAdded(lease.sessionId, async () => {
      const [now, last] = await look(lease.sessionId);
      const isForgotten = (last?.epoch ?? 0) < lease.epoch;
      if (!isForgotten && (!isOf(last, lease) || last.isReleased)) return false;
      if ((await raiseFence(lease.sessionId, lease.epoch)) > lease.epoch) return false;
      return (await log.add(following(last, lease, now))) || 'again';
    });
  }

  /** Two round trips for all that this process gave or renewed before; one by one where something has changed. */
  async function renew(asked: readonly Lease[]): Promise<Lease[]> {
    if (asked.length === 0) return [];
    const now = await documents.serverNow();
    const known = asked.flatMap(lease => {
      const last = log.known(lease);
      return last ? [following(last, lease, now)] : [];
    });
    const added = new Map((await log.addKnown(known)).map(record => [record.sessionId, record]));
    const isHeld = new Map<Lease, boolean>(
      asked.map(lease => [lease, isOf(added.get(lease.sessionId), lease)]),
    );
    const unsure = asked.filter(lease => !isHeld.get(lease));
    for (let start = 0; start < unsure.length; start += SESSIONS_AT_ONCE)
      await Promise.all(
        unsure
          .slice(start, start + SESSIONS_AT_ONCE)
          .map(async lease => isHeld.set(lease, await renewOne(lease))),
      );
    return asked.filter(lease => isHeld.get(lease));
  }

  function release(lease: Lease): Promise<void> {
    return untilAdded(lease.sessionId, async () => {
      const last = await log.last(lease.sessionId);
      if (!isOf(last, lease) || last.isReleased) return;
      const ended = { ...following(last, lease, last.at), endsAt: 0, isReleased: true };
      if (!(await log.add({ ...ended, listedUntil: last.listedUntil }))) return 'again';
      log.forget(lease.sessionId);
    });
  }

  return {
    scope: 'cluster',
    lifetimeMs,
    acquireLease: request => life.call(() => acquire(request)),
    renewLeases: asked => life.call(() => renew(asked)),
    releaseLease: lease => life.call(() => release(lease)),
    readLease: sessionId =>
      life.call(async () => {
        const [now, last] = await look(sessionId);
        return runsAt(last, now) ? leaseOf(last) : undefined;
      }),
    listLeases: () =>
      life.call(async () => {
        const now = await documents.serverNow();
        const running = await log.running(now);
        return running
          .filter(record => runsAt(record, now))
          .map(record => ({ ...leaseOf(record), leftMs: record.endsAt - now }));
      }),
    findReleased: asked =>
      life.call(async () => {
        const lastOnes = await log.lastOf(asked.map(({ sessionId }) => sessionId));
        return asked.filter(({ sessionId, epoch }) => {
          const last = lastOnes.get(sessionId);
          return last?.isReleased && last.epoch >= epoch;
        });
      }),
  };
}
