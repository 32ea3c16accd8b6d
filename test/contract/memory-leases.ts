import type { StoreError } from '../../src/core/errors.ts';
import type { Lease, LeaseStore } from '../../src/core/store.ts';
import type { MemoryCopy, Refusal } from './memory-rules.ts';

/** The last lease of a session, also where it was released or ran out. */
export interface MemoryLease {
  readonly lease: Lease;
  readonly endsAt: number;
}

interface Surroundings {
  readonly copies: Map<string, MemoryCopy>;
  readonly leases: Map<string, MemoryLease>;
  readonly scope: LeaseStore['scope'];
  readonly lifetimeMs: number;
  readonly clock: { now(): number };
  readonly checkOpen: () => void;
  readonly fail: (refusal: Refusal) => StoreError;
}

/** The fences that leases leave are in the copies. */
export function createMemoryLeases(surroundings: Surroundings): LeaseStore {
  const { copies, leases, scope, lifetimeMs, clock, checkOpen, fail } = surroundings;
  const running = (sessionId: string) => {
    const known = leases.get(sessionId);
    return known && known.endsAt > clock.now() ? known.lease : undefined;
  };
  const isLast = ({ sessionId, holder, epoch }: Lease) => {
    const last = leases.get(sessionId)?.lease;
    return last?.holder === holder && last.epoch === epoch;
  };
  const keep = (lease: Lease) => {
    const { sessionId, epoch: fence } = lease;
    const copy: MemoryCopy = copies.get(sessionId) ?? { fence, entries: new Map() };
    copies.set(sessionId, { ...copy, fence, ...(copy.head && { head: { ...copy.head, fence } }) });
    leases.set(sessionId, { lease, endsAt: clock.now() + lifetimeMs });
  };
  const fenceOf = (sessionId: string) => {
    const { fence, head } = copies.get(sessionId) ?? { fence: 0 };
    return Math.max(fence, head?.epoch ?? 0);
  };
  const lastEpoch = (sessionId: string) => leases.get(sessionId)?.lease.epoch ?? 0;
  /** Also where nobody remembers the lease, unless somebody newer left a trace. */
  function renew(lease: Lease): boolean {
    const { sessionId, epoch } = lease;
    const isReleased = leases.get(sessionId)?.endsAt === RELEASED;
    const isOurs = isLast(lease) ? !isReleased : lastEpoch(sessionId) < epoch && fenceOf(sessionId) <= epoch;
    if (isOurs) keep(lease);
    return isOurs;
  }
  return {
    scope,
    lifetimeMs,
    acquireLease: async ({ sessionId, holder, above, whereHeld }) => {
      checkOpen();
      const held = running(sessionId);
      if (held && held.holder !== holder && whereHeld !== 'take-over') {
        const message = `session ${sessionId} is held by ${held.holder}`;
        throw fail({ code: 'SESSION_HELD_ELSEWHERE', message });
      }
      const lease = {
        sessionId,
        holder,
        epoch: Math.max(above, fenceOf(sessionId), lastEpoch(sessionId)) + 1,
      };
      keep(lease);
      return lease;
    },
    renewLeases: async asked => {
      checkOpen();
      return asked.filter(renew);
    },
    releaseLease: async lease => {
      checkOpen();
      if (isLast(lease)) leases.set(lease.sessionId, { lease, endsAt: RELEASED });
    },
    readLease: async sessionId => {
      checkOpen();
      return running(sessionId);
    },
    listLeases: async () => {
      checkOpen();
      return [...leases.values()]
        .map(({ lease, endsAt }) => ({ ...lease, leftMs: endsAt - clock.now() }))
        .filter(({ leftMs }) => leftMs > 0);
    },
    findReleased: async asked => {
      checkOpen();
      return asked.filter(({ sessionId, epoch }) => {
        const last = leases.get(sessionId);
        return last?.endsAt === RELEASED && last.lease.epoch >= epoch;
      });
    },
  };
}

const RELEASED = Number.NEGATIVE_INFINITY;
