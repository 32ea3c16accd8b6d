import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { StoreCall } from '../core/chain/observed-store.ts';
import type { StoreView } from '../core/sessions/session-views.ts';

/** From a write to memory to a database on another continent that just makes the deadline. */
const CALL_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const MS_PER_SECOND = 1_000;

export function createStoreMetrics(registry: Registry) {
  const registers = [registry];
  const labelNames = ['store'] as const;
  const up = new Gauge({
    name: 'sessiongraph_store_up',
    help: 'Whether the store answered a probe at the time of this scrape.',
    labelNames,
    registers,
  });
  const probe = new Gauge({
    name: 'sessiongraph_store_probe_seconds',
    help: 'How long the probe of this scrape took; missing where it failed.',
    labelNames,
    registers,
  });
  const pending = new Gauge({
    name: 'sessiongraph_store_pending_changes',
    help: 'Changes that the store is behind the first one, over all sessions that this server runs.',
    labelNames,
    registers,
  });
  const oldest = new Gauge({
    name: 'sessiongraph_store_oldest_pending_seconds',
    help: 'How long the oldest of these changes has been waiting; 0 where there is none.',
    labelNames,
    registers,
  });
  const calls = new Histogram({
    name: 'sessiongraph_store_call_seconds',
    help: 'Calls of a store, by the method of its contract, failed ones included.',
    labelNames: ['store', 'call'],
    buckets: CALL_SECONDS,
    registers,
  });
  const errors = new Counter({
    name: 'sessiongraph_store_errors_total',
    help: 'Calls of a store that failed, by code.',
    labelNames: ['store', 'code'],
    registers,
  });

  return {
    observeCall({ store, call, ms, error }: StoreCall): void {
      calls.observe({ store, call }, ms / MS_PER_SECOND);
      if (error) errors.inc({ store, code: error.code });
    },
    show(views: readonly StoreView[]): void {
      for (const { name: store, healthy, latencyMs, pendingChanges, oldestPendingMs } of views) {
        up.set({ store }, healthy ? 1 : 0);
        if (latencyMs === undefined) probe.remove({ store });
        else probe.set({ store }, latencyMs / MS_PER_SECOND);
        pending.set({ store }, pendingChanges);
        oldest.set({ store }, oldestPendingMs / MS_PER_SECOND);
      }
    },
  };
}
