import type { Lease } from './store.ts';
import type { StoreChain } from './store-chain.ts';

/** Takes the lease; where what it was taken for fails, gives it back. SESSION_HELD_ELSEWHERE. */
export async function underLease<T>(
  { chain, holder }: { readonly chain: StoreChain; readonly holder: string },
  sessionId: string,
  use: (lease: Lease) => Promise<T>,
): Promise<T> {
  const lease = await chain.leases.acquireLease({ sessionId, holder, above: 0 });
  try {
    return await use(lease);
  } catch (error) {
    chain.abandonSession(sessionId);
    await chain.leases.releaseLease(lease).catch(() => {});
    throw error;
  }
}
