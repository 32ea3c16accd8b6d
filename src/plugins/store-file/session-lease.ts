import type { StoreError } from '../../core/errors.ts';
import type { Lease } from '../../core/store.ts';

/**
 * Who runs a session. It lives in memory: the lock on the directory lets no other process in, so whatever leases a
 * process gave have ended when the next one can ask. The epoch is in the log.
 */
export interface SessionLease {
  acquire(holder: string, raiseFence: () => Promise<number>): Promise<Lease>;
  release(lease: Lease): void;
  read(): Lease | undefined;
}

/** Calls of one session come one after the other. */
export function createSessionLease(sessionId: string, heldBy: (holder: string) => StoreError): SessionLease {
  let held: Lease | undefined;
  return {
    async acquire(holder, raiseFence) {
      if (held && held.holder !== holder) throw heldBy(held.holder);
      held = { sessionId, holder, epoch: await raiseFence() };
      return held;
    },
    release({ holder, epoch }) {
      if (held?.holder === holder && held.epoch === epoch) held = undefined;
    },
    read: () => held,
  };
}
