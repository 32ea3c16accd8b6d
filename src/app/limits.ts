import type { AdjustableLimit } from '../config/limits.ts';

/**
 * Everything the edge holds on behalf of others is bounded; these are the bounds. Those that an operator may move
 * are described in docs/security.md.
 */
export interface Limits extends Readonly<Record<AdjustableLimit, number>> {
  /** Texts of queries that are kept parsed. */
  readonly queryCacheBytes: number;
  /** What may wait for a WebSocket's reader before it counts as gone. */
  readonly socketBacklogBytes: number;
  /** Requests of a connection that may wait for the one before them. */
  readonly pipelinedRequests: number;
  readonly connectionInitMs: number;
  /** A peer that was told to go and is still there after that is cut off. */
  readonly closeHandshakeMs: number;
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
  queryTokens: 1_000,
  queryDepth: 8,
  queryAliases: 15,
  queryDirectives: 20,
  queryObjects: 10_000,
  queryCacheBytes: 4 * KIB * KIB,
  connections: 10_000,
  sockets: 5_000,
  socketsPerSubject: 20,
  operationsPerSocket: 50,
  subscriptionsPerSubject: 1_000,
  socketMessageBytes: 64 * KIB,
  mutationsPerMinute: 600,
  // What an operator does by hand, and what makes a store read or write a whole session.
  rareMutationsPerMinute: 60,
  socketBacklogBytes: KIB * KIB,
  pipelinedRequests: 32,
  connectionInitMs: 3_000,
  closeHandshakeMs: 2_000,
  pingIntervalMs: 12_000,
  stalledResponseMs: 30_000,
  headersMs: 10_000,
  requestMs: 30_000,
  readinessMs: 2_000,
  stopMs: 700,
  stopSweepMs: 20,
};
