import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { BuildInfo } from '../build-info.ts';
import type { ObserveCall } from '../core/chain/observed-store.ts';
import type { Measurements } from '../core/measurements.ts';
import { type BusState, createBusMetrics } from './bus-metrics.ts';
import { createEdgeMetrics, type EdgeCounts, type OperationOutcome } from './edge-metrics.ts';
import { createSessionMetrics } from './session-metrics.ts';
import { createStoreMetrics } from './store-metrics.ts';
import { createWebhookMetrics, type WebhookCounts, type WebhookOutcome } from './webhook-metrics.ts';

/**
 * Prometheus metrics of one server. Counters count as things happen; everything that can be looked up is looked up
 * when somebody asks. Labels are names of stores, codes and statuses: no id of a session, nothing that grows.
 */
export interface Metrics {
  readonly contentType: string;
  render(edge: EdgeCounts): Promise<string>;
  readonly observeStoreCall: ObserveCall;
  observeOperation(outcome: OperationOutcome): void;
  observeWebhook(outcome: WebhookOutcome): void;
  /** Where the numbers of the outbox come from, where there is one. */
  countWebhooksBy(count: () => WebhookCounts): void;
  /** Where the state of the bus comes from, where there is one. */
  readBusFrom(read: () => BusState): void;
  /** Where the numbers of stores and sessions come from, once they are there. */
  measureBy(measure: () => Promise<Measurements>): void;
}

export function createMetrics(build: BuildInfo): Metrics {
  const registry = new Registry();
  const stores = createStoreMetrics(registry);
  const sessions = createSessionMetrics(registry);
  const edge = createEdgeMetrics(registry);
  const webhooks = createWebhookMetrics(registry);
  let showBus = () => {};
  let countWebhooks: (() => WebhookCounts) | undefined;
  let measure: (() => Promise<Measurements>) | undefined;
  showBuild(registry, build);
  collectDefaultMetrics({ register: registry });

  return {
    contentType: registry.contentType,
    observeStoreCall: stores.observeCall,
    observeOperation: edge.observeOperation,
    observeWebhook: webhooks.observe,
    countWebhooksBy(count) {
      countWebhooks = count;
    },
    readBusFrom(read) {
      const bus = createBusMetrics(registry);
      showBus = () => bus.show(read());
    },
    measureBy(measured) {
      measure = measured;
    },
    async render(counts) {
      const measured = await measure?.();
      if (measured) {
        stores.show(measured.stores);
        sessions.show(measured);
      }
      if (countWebhooks) webhooks.show(countWebhooks());
      showBus();
      edge.show(counts);
      return registry.metrics();
    },
  };
}

function showBuild(registry: Registry, build: BuildInfo): void {
  new Gauge({
    name: 'sessiongraph_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['version', 'node', 'baileys'],
    registers: [registry],
  }).set({ ...build }, 1);
}
