import { GraphQLError, type GraphQLFormattedError, getOperationAST } from 'graphql';
import { makeServer, type ServerOptions } from 'graphql-ws';
import type { Authenticate } from '../auth.ts';
import { requireValid, tokenExpired } from '../schema/guarded-stream.ts';
import type { Viewer } from '../schema/viewer.ts';
import type { MaskError } from './client-error.ts';
import type { GraphQLEngine } from './graphql-engine.ts';
import type { Limits } from './limits.ts';
import type { FindDocument } from './persisted-documents.ts';
import { createPlaces } from './places.ts';

/** What is known of one WebSocket beside the protocol's own state. */
export interface SocketState {
  viewer?: Viewer;
  /** It has shown its token. */
  admitted(): void;
  readonly signal: AbortSignal;
  close(code: number, reason: string): void;
}

export interface ProtocolOptions {
  readonly engine: GraphQLEngine;
  readonly authenticate: Authenticate;
  readonly maskError: MaskError;
  readonly limits: Limits;
  /** Finds the documents that may run; all may where it is left out. */
  readonly findDocument?: FindDocument | undefined;
}

type Options = ServerOptions<Record<string, unknown>, SocketState>;
type OpenOperation = NonNullable<Options['onSubscribe']>;

/** The graphql-ws protocol on top of the engine. A rejection of `onConnect` is for the socket to close with. */
export function createSubscriptionProtocol(options: ProtocolOptions) {
  const { authenticate, maskError, limits } = options;
  const format = (error: GraphQLError) => formatError(maskError(error));
  const takePlace = createPlaces(limits.socketsPerSubject);
  return makeServer<Record<string, unknown>, SocketState>({
    connectionInitWaitTimeout: limits.connectionInitMs,
    onConnect: async ({ connectionParams, extra }) => {
      const viewer = await authenticate(readAuthorization(connectionParams));
      if (!holdPlace(extra, takePlace(viewer.subject))) return false;
      extra.viewer = viewer;
      extra.admitted();
    },
    onSubscribe: createOperationOpener(options),
    subscribe: args => (args.rootValue as Enveloped).subscribe(args),
    onNext: (_context, _id, _payload, _args, { data, errors }) => {
      if (errors) return { ...(data !== undefined && { data }), errors: errors.map(format) };
    },
    onError: (_context, _id, _payload, errors) => errors.map(format),
  });
}

/** For as long as the socket is open; false where there was no place, or the socket is gone already. */
function holdPlace({ signal, close }: SocketState, leave: (() => void) | undefined): boolean {
  if (leave === undefined) close(4429, 'Too many sockets of this subject');
  else if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  return leave !== undefined && !signal.aborted;
}

type Enveloped = ReturnType<GraphQLEngine['getEnveloped']>;

/** Whatever goes wrong here is one error of one operation: thrown, it would close the socket under all others. */
function createOperationOpener({ engine, maskError, limits, findDocument }: ProtocolOptions): OpenOperation {
  return async ({ extra, subscriptions }, _id, payload) => {
    try {
      if (Object.keys(subscriptions).length > limits.operationsPerSocket) {
        extra.close(4429, 'Too many operations');
        throw badInput(`A socket runs at most ${limits.operationsPerSocket} operations.`);
      }
      const { viewer, signal } = extra;
      if (viewer === undefined) throw tokenExpired();
      requireValid(viewer);
      const enveloped = engine.getEnveloped({ viewer, signal: () => signal, params: payload });
      const { schema } = enveloped;
      const document = enveloped.parse(findDocument ? findDocument(payload) : payload.query);
      const errors = enveloped.validate(schema, document) as readonly GraphQLError[];
      if (errors.length > 0) return errors;
      if (getOperationAST(document, payload.operationName)?.operation !== 'subscription') {
        throw badInput('Only subscriptions run over WebSocket; send the rest by HTTP.');
      }
      return {
        schema,
        document,
        operationName: payload.operationName,
        variableValues: payload.variables,
        contextValue: await enveloped.contextFactory(),
        rootValue: enveloped,
      };
    } catch (error) {
      return [maskError(error)];
    }
  };
}

const badInput = (message: string) => new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });

/** A value of another type than text is a bad token, not a missing one. */
function readAuthorization(params: Readonly<Record<string, unknown>> = {}): string | undefined {
  const value = params.authorization ?? params.Authorization;
  return value == null ? undefined : String(value);
}

/** `http` is a hint to the other transport. */
function formatError(error: GraphQLError): GraphQLFormattedError {
  const { extensions: { http: _http, ...extensions } = {}, ...rest } = error.toJSON();
  return { ...rest, extensions };
}
