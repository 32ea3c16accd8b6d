import { StoreError } from '../errors.ts';
import type { LeaseStore, SessionStore } from '../store.ts';

/** The first store of scope cluster decides who runs a session; else the first one that can. */
export function chooseLeaseStore(stores: readonly SessionStore[]): { name: string; leases: LeaseStore } {
  const candidates = stores.flatMap(({ name, leases }) => (leases ? [{ name, leases }] : []));
  const chosen = candidates.find(({ leases }) => leases.scope === 'cluster') ?? candidates[0];
  if (!chosen) throw new StoreError('STORE_UNAVAILABLE', 'chain', 'none of its stores can issue leases');
  return chosen;
}
