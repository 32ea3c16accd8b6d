import { answerWithin, asStoreError, type Deadline } from '../deadline.ts';
import type { StoreView } from '../sessions/session-views.ts';
import type { SessionStore } from '../store.ts';
import type { Follower } from './follower.ts';

/** Probes every store now, and adds up what it is owed over all open sessions. */
export function readStoreViews(
  stores: readonly SessionStore[],
  followers: readonly Follower[],
  deadline: Deadline,
): Promise<StoreView[]> {
  return Promise.all(
    stores.map(async (store, order) => {
      const debts = followers
        .filter(follower => follower.store === store)
        .map(follower => follower.standing());
      const oldest = Math.min(...debts.map(({ owedSince }) => owedSince ?? Number.POSITIVE_INFINITY));
      return {
        name: store.name,
        order,
        ...(await probe(store, deadline)),
        pendingChanges: debts.reduce(
          (sum, { target, confirmed }) => sum + target.revision - (confirmed?.revision ?? 0),
          0,
        ),
        oldestPendingMs: Number.isFinite(oldest) ? Math.max(0, deadline.clock.now() - oldest) : 0,
      };
    }),
  );
}

async function probe(
  store: SessionStore,
  deadline: Deadline,
): Promise<Pick<StoreView, 'healthy' | 'error' | 'latencyMs'>> {
  const began = deadline.clock.monotonicMs();
  try {
    await answerWithin(store.name, deadline, () => store.probe());
    return { healthy: true, latencyMs: deadline.clock.monotonicMs() - began };
  } catch (error) {
    return { healthy: false, error: asStoreError(store.name, error).message };
  }
}
