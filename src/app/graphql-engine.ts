import { GraphQLError, type GraphQLSchema } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import type { DeadLetters } from '../core/dead-letters.ts';
import type { Sessions } from '../core/sessions/sessions.ts';
import type { OperationOutcome } from '../metrics/edge-metrics.ts';
import { requireValid } from '../schema/guarded-stream.ts';
import type { RequestContext } from '../schema/request-context.ts';
import type { Viewer } from '../schema/viewer.ts';
import type { TraceOperation } from '../tracing/tracing.ts';
import { useBodyLimit } from './body-limit.ts';
import { createCallRates } from './call-rates.ts';
import type { MaskError } from './client-error.ts';
import { useHiddenSchema } from './hidden-schema.ts';
import type { Limits } from './limits.ts';
import { useMalformedRequests } from './malformed-requests.ts';
import { useOperationTraces } from './operation-traces.ts';
import { useOperationWatch } from './operation-watch.ts';
import { type FindDocument, usePersistedDocuments } from './persisted-documents.ts';
import { createPlaces } from './places.ts';
import { useQueryLimits } from './query-limits.ts';

export const GRAPHQL_PATH = '/graphql';

/** What a transport knows of the caller when it hands an operation over. */
export interface CallerContext {
  readonly viewer?: Viewer;
  /** Aborted when the caller is gone or the server stops. */
  readonly signal: () => AbortSignal;
}

export interface EngineOptions {
  readonly schema: GraphQLSchema;
  readonly sessions: Sessions;
  readonly deadLetters: DeadLetters;
  readonly maskError: MaskError;
  readonly limits: Limits;
  /** Whether everybody with a token may ask for the schema; else only admins. */
  readonly showsSchema: boolean;
  /** Finds the documents that may run; all may where it is left out. */
  readonly findDocument?: FindDocument | undefined;
  /** Is told what becomes of each operation. */
  readonly observe?: ((outcome: OperationOutcome) => void) | undefined;
  readonly trace?: TraceOperation | undefined;
}

export type GraphQLEngine = ReturnType<typeof createGraphQLEngine>;

/** Parses, validates, executes and masks: one pipeline for all transports. Authentication is done before it. */
export function createGraphQLEngine(options: EngineOptions) {
  const { schema, sessions, deadLetters, maskError, limits, showsSchema, findDocument, observe, trace } =
    options;
  const bounds = createCallerBounds(limits);
  return createYoga<CallerContext, RequestContext>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    context: ({ viewer, signal }) => {
      if (viewer === undefined)
        throw new GraphQLError('A bearer token is needed.', { extensions: { code: 'UNAUTHENTICATED' } });
      // Once more, right before the operation runs: a body may take half a minute to arrive after its token was checked.
      requireValid(viewer);
      return { viewer, sessions, deadLetters, signal, ...bounds(viewer) };
    },
    maskedErrors: { maskError },
    plugins: [
      useQueryLimits(limits),
      useMalformedRequests(),
      useBodyLimit(limits.bodyBytes),
      ...(observe ? [useOperationWatch(observe, maskError)] : []),
      ...(trace ? [useOperationTraces(trace, maskError)] : []),
      ...(showsSchema ? [] : [useHiddenSchema()]),
      ...(findDocument ? [usePersistedDocuments(findDocument)] : []),
    ],
    parserAndValidationCache: {
      documentCache: createTextCache(limits.queryCacheBytes),
      errorCache: createTextCache(limits.queryCacheBytes),
    },
    // Bounded by `useBodyLimit`.
    maxRequestBodySize: false,
    batching: false,
    multipart: false,
    graphiql: false,
    // The server around it answers for these.
    cors: false,
    landingPage: false,
    // The mask logs what is worth it, once.
    logging: false,
  });
}

/** What each caller has of the server at most, whichever transport it comes by. */
function createCallerBounds({ mutationsPerMinute, rareMutationsPerMinute, subscriptionsPerSubject }: Limits) {
  const admitCall = createCallRates();
  const takePlace = createPlaces(subscriptionsPerSubject);
  const perMinute = { common: mutationsPerMinute, rare: rareMutationsPerMinute };
  return ({ subject }: Viewer): Pick<RequestContext, 'admitCall' | 'takePlace'> => ({
    admitCall: (mutation, rate) => admitCall(subject, mutation, perMinute[rate]),
    takePlace: () => takePlace(subject),
  });
}

/** Yoga's own cache counts entries, and an entry can be as large as a body. */
const createTextCache = <T extends object>(maxSize: number) =>
  new LRUCache<string, T>({ maxSize, sizeCalculation: (_value, text) => text.length + 1 });
