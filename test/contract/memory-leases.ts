import type { StoreError } from '../../src/core/errors.ts';
import type { Lease, LeaseStore } from '../../src/core/store.ts';
import type { MemoryCopy, Refusal } from './memory-rules.ts';

interface Surroundings {
  readonly copies: Map<string, MemoryCopy>;
  readonly checkOpen: () => void;
  readonly fail: (refusal: Refusal) => StoreError;
}

/** Leases end with the store that gave them; the fences they left stay on the disk. */
export function createMemoryLeases({ copies, checkOpen, fail }: Surroundings): LeaseStore {
  const leases = new Map<string, Lease>();
  return {
    scope: 'host',
    lifetimeMs: Number.POSITIVE_INFINITY,
    acquireLease: async ({ sessionId, holder, above, whereHeld }) => {
      checkOpen();
      const held = leases.get(sessionId);
      if (held && held.holder !== holder && whereHeld !== 'take-over') {
        const message = `session ${sessionId} is held by ${held.holder}`;
        throw fail({ code: 'SESSION_HELD_ELSEWHERE', message });
      }
      const copy: MemoryCopy = copies.get(sessionId) ?? { fence: 0, entries: new Map() };
      const epoch = Math.max(above, held?.epoch ?? 0, copy.fence, copy.head?.epoch ?? 0) + 1;
      copies.set(sessionId, {
        ...copy,
        fence: epoch,
        ...(copy.head && { head: { ...copy.head, fence: epoch } }),
      });
      const lease = { sessionId, holder, epoch };
      leases.set(sessionId, lease);
      return lease;
    },
    renewLeases: async asked => {
      checkOpen();
      for (const lease of asked) {
        const known = leases.get(lease.sessionId);
        if (!known || known.epoch < lease.epoch) leases.set(lease.sessionId, lease);
      }
      return asked.filter(({ sessionId, holder, epoch }) => {
        const known = leases.get(sessionId);
        return known?.holder === holder && known.epoch === epoch;
      });
    },
    releaseLease: async ({ sessionId, holder, epoch }) => {
      checkOpen();
      const held = leases.get(sessionId);
      if (held?.holder === holder && held.epoch === epoch) leases.delete(sessionId);
    },
    readLease: async sessionId => {
      checkOpen();
      return leases.get(sessionId);
    },
    listLeases: async () => {
      checkOpen();
      return [...leases.values()];
    },
  };
}
