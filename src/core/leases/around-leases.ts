import type { LeaseStore } from '../store.ts';

/** The same leases, each call of which goes through `around`, which gets its name. */
export function aroundLeases(
  leases: LeaseStore,
  around: <T>(call: string, task: () => Promise<T>) => Promise<T>,
): LeaseStore {
  return {
    ...leases,
    acquireLease: request => around('acquireLease', () => leases.acquireLease(request)),
    renewLeases: held => around('renewLeases', () => leases.renewLeases(held)),
    releaseLease: lease => around('releaseLease', () => leases.releaseLease(lease)),
    readLease: sessionId => around('readLease', () => leases.readLease(sessionId)),
    listLeases: () => around('listLeases', () => leases.listLeases()),
    findReleased: asked => around('findReleased', () => leases.findReleased(asked)),
  };
}
