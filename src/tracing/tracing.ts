import type { ObserveCall } from '../core/chain/observed-store.ts';

/** A query or a mutation. A subscription lives too long to be one span; the calls it makes are in the metrics. */
export interface TracedOperation {
  readonly type: 'query' | 'mutation';
  /** What it asks the root for: names of the schema, nothing that a client made up. */
  readonly fields: readonly string[];
  /** W3C trace context of the caller, as it came: the `traceparent` header. */
  readonly traceparent: string | undefined;
}

/** Runs an operation as one span. `codesOf`: the codes of the errors in its answer; any makes the span a failed one. */
export type TraceOperation = <T>(
  operation: TracedOperation,
  run: () => Promise<T>,
  codesOf: (answer: T) => readonly string[],
) => Promise<T>;

/** Traces of one server: what an operation waited for. */
export interface Tracing {
  readonly traceOperation: TraceOperation;
  /** A call of a store becomes a span of the operation that made it; outside of one it is left to the metrics. */
  readonly observeStoreCall: ObserveCall;
  /** Sends what is left, and gives up on a collector that does not take it. */
  close(): Promise<void>;
}
