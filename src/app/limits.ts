/** Everything the edge holds on behalf of others is bounded; these are the bounds. */
export interface Limits {
  readonly bodyBytes: number;
  readonly queryDepth: number;
  readonly queryAliases: number;
  readonly queryTokens: number;
  /** Texts of queries that are kept parsed. */
  readonly queryCacheBytes: number;
  readonly connections: number;
  readonly sockets: number;
  readonly operationsPerSocket: number;
  /** A message of the WebSocket protocol, as it comes in. */
  readonly socketMessageBytes: number;
  /** What may wait for a WebSocket's reader before it counts as gone. */
  readonly socketBacklogBytes: number;
  readonly connectionInitMs: number;
  /** A peer that does not answer a ping before the next one is gone. */
  readonly pingIntervalMs: number;
  /** A reader of an HTTP response that takes nothing from one look to the next is gone. */
  readonly stalledResponseMs: number;
  readonly headersMs: number;
  readonly requestMs: number;
  readonly readinessMs: number;
  /** What is still open that long after `stop` began is cut. */
  readonly stopMs: number;
  readonly stopSweepMs: number;
}

const KIB = 1024;

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 256 * KIB,
  queryDepth: 8,
  queryAliases: 15,
  queryTokens: 1_000,
  queryCacheBytes: 4 * KIB * KIB,
  connections: 10_000,
  sockets: 5_000,
  operationsPerSocket: 50,
  socketMessageBytes: 64 * KIB,
  socketBacklogBytes: KIB * KIB,
  connectionInitMs: 3_000,
  pingIntervalMs: 12_000,
  stalledResponseMs: 30_000,
  headersMs: 10_000,
  requestMs: 30_000,
  readinessMs: 2_000,
  stopMs: 700,
  stopSweepMs: 20,
};
