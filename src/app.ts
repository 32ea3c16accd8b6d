import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createErrorMask } from './app/client-error.ts';
import { createGraphiql } from './app/graphiql/page.ts';
import { createGraphQLEngine } from './app/graphql-engine.ts';
import { withoutSuggestions } from './app/hidden-schema.ts';
import { createRequestListener } from './app/http-requests.ts';
import { DEFAULT_LIMITS, type Limits } from './app/limits.ts';
import { createMetricsPage } from './app/metrics-page.ts';
import { createOpenResponses } from './app/open-responses.ts';
import { createOriginCheck } from './app/origins.ts';
import { createPersistedDocuments } from './app/persisted-documents.ts';
import { inTurn } from './app/request-turns.ts';
import { createSubscriptionProtocol } from './app/subscription-protocol.ts';
import { createWebSockets } from './app/web-sockets.ts';
import type { Authenticate } from './auth.ts';
import type { Config } from './config.ts';
import { type DeadLetters, NO_DEAD_LETTERS } from './core/dead-letters.ts';
import type { Sessions } from './core/sessions/sessions.ts';
import type { Metrics } from './metrics/metrics.ts';
import { createSchema } from './schema/public-schema.ts';
import type { TraceOperation } from './tracing/tracing.ts';

export interface AppOptions {
  readonly sessions: Sessions;
  /** Absent: nobody is called, so nothing is given up. */
  readonly deadLetters?: DeadLetters | undefined;
  readonly authenticate: Authenticate;
  readonly config: Pick<Config, 'host' | 'port' | 'allowedOrigins' | 'servesGraphiql'> &
    Partial<Pick<Config, 'metricsToken'>>;
  readonly logger: Pick<Logger, 'error'>;
  /** Whether the first store and the awaited ones answer. */
  readonly checkStores: () => Promise<boolean>;
  /** Absent: nothing is measured, and there is no `/metrics`. */
  readonly metrics?: Pick<Metrics, 'contentType' | 'render' | 'observeOperation'>;
  /** Absent: nothing is traced. */
  readonly trace?: TraceOperation | undefined;
  readonly limits?: Partial<Limits>;
  /** The only documents that run, by their ids; any may where left out. */
  readonly documents?: ReadonlyMap<string, string> | undefined;
}

export interface App {
  /** Resolves once requests are served, with the port they are served on. */
  start(): Promise<{ port: number }>;
  /**
   * Takes nothing new; ends what is open once the sessions are halted, so that subscribers hear of all that happened
   * until then; resolves when all of it is closed.
   */
  stop(halted?: Promise<unknown>): Promise<void>;
}

/** The server: HTTP and WebSocket on one port, with everything that stands between them and the sessions. */
export function createApp(options: AppOptions): App {
  const { sessions, authenticate, config, logger, checkStores, metrics } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { servesGraphiql } = config;
  const mask = createErrorMask(logger);
  const maskError = servesGraphiql ? mask : withoutSuggestions(mask);
  const isOriginAllowed = createOriginCheck(config.allowedOrigins);
  const findDocument = options.documents && createPersistedDocuments(options.documents);
  const engine = createGraphQLEngine({
    schema: createSchema(),
    sessions,
    deadLetters: options.deadLetters ?? NO_DEAD_LETTERS,
    maskError,
    limits,
    showsSchema: servesGraphiql,
    findDocument,
    observe: metrics?.observeOperation,
    trace: options.trace,
  });
  const protocol = createSubscriptionProtocol({ engine, authenticate, maskError, limits, findDocument });
  const sockets = createWebSockets({ protocol, isOriginAllowed, limits, logger });
  const responses = createOpenResponses(limits.stalledResponseMs);
  const showMetrics = metrics && createMetricsPage({ metrics, token: config.metricsToken });
  const listener = createRequestListener({
    engine,
    authenticate,
    isOriginAllowed,
    graphiql: servesGraphiql ? createGraphiql() : undefined,
    checkReadiness: () => answersWithin(checkStores, limits.readinessMs),
    maskError,
    limits,
    followResponse: responses.follow,
    showMetrics:
      showMetrics &&
      ((request, response) =>
        showMetrics(request, response, { webSockets: sockets.count(), httpResponses: responses.count() })),
  });
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      // Node looks for those only every 30 s otherwise.
      connectionsCheckingInterval: limits.headersMs / 2,
    },
    inTurn(listener, limits.pipelinedRequests),
  );
  server.maxConnections = limits.connections;
  server.on('upgrade', sockets.handleUpgrade);

  return {
    start: () => listen(server, config),
    async stop(halted) {
      const closed = new Promise(resolve => server.close(resolve));
      sockets.refuse();
      // A connection whose last answer ends only now would otherwise be kept alive for a next request.
      const sweep = setInterval(() => server.closeIdleConnections(), limits.stopSweepMs);
      await halted?.catch(() => {});
      // What was published last is on its way to its readers.
      await nextTurn();
      sockets.closeAll();
      responses.endAll();
      const cut = setTimeout(() => {
        sockets.terminateAll();
        server.closeAllConnections();
      }, limits.stopMs);
      await closed;
      clearInterval(sweep);
      clearTimeout(cut);
    },
  };
}

function listen(server: Server, { host, port }: Pick<Config, 'host' | 'port'>): Promise<{ port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve({ port: (server.address() as AddressInfo).port });
    });
  });
}

/** A check that does not answer is an answer, too. */
async function answersWithin(check: () => Promise<boolean>, deadlineMs: number): Promise<boolean> {
  const over = new AbortController();
  const silence = pause(deadlineMs, false, { signal: over.signal }).catch(() => false);
  return Promise.race([check().catch(() => false), silence]).finally(() => over.abort());
}
