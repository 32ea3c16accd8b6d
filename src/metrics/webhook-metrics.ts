import { Counter, Gauge, type Registry } from 'prom-client';

/** What is in the outbox right now. */
export interface WebhookCounts {
  readonly waiting: number;
  readonly dead: number;
}

export type WebhookOutcome = 'delivered' | 'failed' | 'dead' | 'dropped';

export function createWebhookMetrics(registry: Registry) {
  const registers = [registry];
  const outcomes = new Counter({
    name: 'sessiongraph_webhooks_total',
    help: 'Calls of webhooks that were answered well or failed; events given up after a day, or for want of room.',
    labelNames: ['outcome'],
    registers,
  });
  const waiting = new Gauge({
    name: 'sessiongraph_webhooks_waiting',
    help: 'Events that wait for their delivery to an endpoint.',
    registers,
  });
  const dead = new Gauge({
    name: 'sessiongraph_webhooks_dead',
    help: 'Events that were given up and are kept.',
    registers,
  });
  return {
    observe: (outcome: WebhookOutcome): void => outcomes.inc({ outcome }),
    show(counts: WebhookCounts): void {
      waiting.set(counts.waiting);
      dead.set(counts.dead);
    },
  };
}
