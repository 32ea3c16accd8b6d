import type { Clock } from '../clock.ts';
import type { Lease, LeaseStore, RunningLease } from '../store.ts';

/** The leases of others that a store told of, and until when they run by what it said. */
export interface ToldLeases {
  /** What the store lists now; it was asked at `askedAtMs`, so that no lease seems longer than it is. */
  hear(running: readonly RunningLease[], askedAtMs: number): void;
  /** Of these sessions, those that nobody runs, by all that the store ever said. Rejects where it cannot be asked. */
  findFree(sessionIds: readonly string[]): Promise<readonly string[]>;
}

interface Told {
  readonly lease: Lease;
  /** By our own monotonic clock. */
  readonly endsAtMs: number;
  /** The store was seen to know less than it once told. */
  readonly isForgotten: boolean;
}

const ASKED_AT_ONCE = 200;

/**
 * Law 1: a store that is put back to an older state no longer lists a lease that runs. Its holder will write it again
 * when it renews; until then the session is free to whoever believes the store. So a lease that is gone before its time
 * counts as over only where the store says that it was released. Where it says nothing, the holder is left one more
 * lifetime to come back; unless little was left, so that it had not renewed when it should have: then clocks differ.
 */
export function createToldLeases(leases: LeaseStore, clock: Clock): ToldLeases {
  const told = new Map<string, Told>();
  let listed: ReadonlySet<string> = new Set();

  function hear(running: readonly RunningLease[], askedAtMs: number): void {
    listed = new Set(running.map(({ sessionId }) => sessionId));
    for (const { leftMs, ...lease } of running) {
      const isOlder = (told.get(lease.sessionId)?.lease.epoch ?? 0) > lease.epoch;
      if (!isOlder) told.set(lease.sessionId, { lease, endsAtMs: askedAtMs + leftMs, isForgotten: false });
    }
    const nowMs = clock.monotonicMs();
    for (const [sessionId, { endsAtMs }] of told) if (endsAtMs <= nowMs) told.delete(sessionId);
  }

  function forget(one: Told): void {
    const nowMs = clock.monotonicMs();
    const wasRenewed = one.endsAtMs - nowMs > leases.lifetimeMs / 3;
    const endsAtMs = wasRenewed ? nowMs + leases.lifetimeMs : one.endsAtMs;
    told.set(one.lease.sessionId, { ...one, endsAtMs, isForgotten: true });
  }

  async function findFree(sessionIds: readonly string[]): Promise<string[]> {
    const unlisted = sessionIds.filter(sessionId => !listed.has(sessionId));
    const early = unlisted.flatMap(sessionId => told.get(sessionId) ?? []);
    if (early.length === 0) return unlisted;
    for (let start = 0; start < early.length; start += ASKED_AT_ONCE) {
      const some = early.slice(start, start + ASKED_AT_ONCE);
      const released = await leases.findReleased(some.map(({ lease }) => lease));
      for (const { sessionId } of released) told.delete(sessionId);
    }
    for (const one of early) if (!one.isForgotten && told.get(one.lease.sessionId) === one) forget(one);
    return unlisted.filter(sessionId => !told.has(sessionId));
  }

  return { hear, findFree };
}
