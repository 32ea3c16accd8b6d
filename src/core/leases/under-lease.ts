import type { StoreChain } from '../chain/store-chain.ts';
import type { KeptLease, LeaseKeeper, WhereHeld } from './lease-keeper.ts';

export interface LeaseDeps {
  readonly chain: StoreChain;
  readonly leases: LeaseKeeper;
}

/** Takes the lease; where what it was taken for fails, gives it back. SESSION_HELD_ELSEWHERE. */
export async function underLease<T>(
  { chain, leases }: LeaseDeps,
  { sessionId, whereHeld }: { readonly sessionId: string; readonly whereHeld?: WhereHeld },
  use: (lease: KeptLease) => Promise<T>,
): Promise<T> {
  const lease = await leases.acquire(sessionId, whereHeld);
  try {
    return await use(lease);
  } catch (error) {
    chain.abandonSession(sessionId);
    await lease.release();
    throw error;
  }
}
