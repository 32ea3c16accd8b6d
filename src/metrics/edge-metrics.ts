import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What is open towards clients right now. */
export interface EdgeCounts {
  readonly webSockets: number;
  readonly httpResponses: number;
}

/** What became of one operation. */
export type OperationOutcome =
  | { readonly kind: 'answered'; readonly type: OperationType; readonly ms: number }
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'subscription opened' | 'subscription closed' };

export type OperationType = 'query' | 'mutation' | 'subscription';

const ANSWER_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const MS_PER_SECOND = 1_000;

export function createEdgeMetrics(registry: Registry) {
  const registers = [registry];
  const operations = new Histogram({
    name: 'sessiongraph_graphql_operation_seconds',
    help: 'GraphQL operations until their answer; of a subscription, until it is open.',
    labelNames: ['type'],
    buckets: ANSWER_SECONDS,
    registers,
  });
  const errors = new Counter({
    name: 'sessiongraph_graphql_errors_total',
    help: 'Errors that GraphQL clients were given, by extensions.code.',
    labelNames: ['code'],
    registers,
  });
  const subscriptions = new Gauge({
    name: 'sessiongraph_graphql_subscriptions',
    help: 'Subscriptions that are open, over WebSocket and server-sent events.',
    registers,
  });
  const webSockets = new Gauge({
    name: 'sessiongraph_websockets',
    help: 'WebSockets that are open.',
    registers,
  });
  const responses = new Gauge({
    name: 'sessiongraph_http_responses',
    help: 'HTTP responses that are under way, streams included.',
    registers,
  });

  return {
    observeOperation(outcome: OperationOutcome): void {
      if (outcome.kind === 'answered') operations.observe({ type: outcome.type }, outcome.ms / MS_PER_SECOND);
      else if (outcome.kind === 'failed') errors.inc({ code: outcome.code });
      else if (outcome.kind === 'subscription opened') subscriptions.inc();
      else subscriptions.dec();
    },
    show(counts: EdgeCounts): void {
      webSockets.set(counts.webSockets);
      responses.set(counts.httpResponses);
    },
  };
}
