import type { Lease, LeaseRequest, RunningLease } from '../../core/store.ts';

/**
 * Who runs each session. It lives in memory: the lock on the directory lets no other process in, so whatever leases a
 * process gave have ended when the next one can ask. The epochs are in the logs.
 */
export interface HeldLeases {
  /** Calls of one session come one after the other. `refuse` makes the error, of the one who holds it. */
  acquire(
    request: LeaseRequest,
    raiseFence: (above: number) => Promise<number>,
    refuse: (holder: string) => Error,
  ): Promise<Lease>;
  renew(leases: readonly Lease[]): Lease[];
  release(lease: Lease): void;
  read(sessionId: string): Lease | undefined;
  list(): RunningLease[];
  /** Nothing runs out and nothing is forgotten here: what nobody holds was released. */
  findReleased(leases: readonly Lease[]): Lease[];
}

export function createHeldLeases(): HeldLeases {
  const held = new Map<string, Lease>();
  return {
    async acquire({ sessionId, holder, above, whereHeld }, raiseFence, refuse) {
      const other = held.get(sessionId);
      if (other && other.holder !== holder && whereHeld !== 'take-over') throw refuse(other.holder);
      const lease = { sessionId, holder, epoch: await raiseFence(Math.max(above, other?.epoch ?? 0)) };
      held.set(sessionId, lease);
      return lease;
    },
    renew(leases) {
      for (const lease of leases) {
        const known = held.get(lease.sessionId);
        if (!known || known.epoch < lease.epoch) held.set(lease.sessionId, lease);
      }
      return leases.filter(lease => isSame(held.get(lease.sessionId), lease));
    },
    release(lease) {
      if (isSame(held.get(lease.sessionId), lease)) held.delete(lease.sessionId);
    },
    read: sessionId => held.get(sessionId),
    list: () => [...held.values()].map(lease => ({ ...lease, leftMs: Number.POSITIVE_INFINITY })),
    findReleased: leases => leases.filter(({ sessionId }) => !held.has(sessionId)),
  };
}

function isSame(known: Lease | undefined, { holder, epoch }: Lease): boolean {
  return known?.holder === holder && known.epoch === epoch;
}
