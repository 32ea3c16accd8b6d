import { GraphQLError, type GraphQLFormattedError, getOperationAST } from 'graphql';
import { makeServer, type ServerOptions } from 'graphql-ws';
import type { Authenticate } from '../auth.ts';
import { tokenExpired } from '../schema/guarded-stream.ts';
import type { Viewer } from '../schema/viewer.ts';
import type { MaskError } from './client-error.ts';
import type { GraphQLEngine } from './graphql-engine.ts';
import type { Limits } from './limits.ts';

/** What is known of one WebSocket beside the protocol's own state. */
export interface SocketState {
  viewer?: Viewer;
  readonly signal: AbortSignal;
  close(code: number, reason: string): void;
}

export interface ProtocolOptions {
  readonly engine: GraphQLEngine;
  readonly authenticate: Authenticate;
  readonly maskError: MaskError;
  readonly limits: Limits;
}

type Options = ServerOptions<Record<string, unknown>, SocketState>;
type OpenOperation = NonNullable<Options['onSubscribe']>;

/** The graphql-ws protocol on top of the engine. A rejection of `onConnect` is for the socket to close with. */
export function createSubscriptionProtocol({ engine, authenticate, maskError, limits }: ProtocolOptions) {
  const format = (error: GraphQLError) => formatError(maskError(error));
  return makeServer<Record<string, unknown>, SocketState>({
    connectionInitWaitTimeout: limits.connectionInitMs,
    onConnect: async ({ connectionParams, extra }) => {
      extra.viewer = await authenticate(readAuthorization(connectionParams));
    },
    onSubscribe: createOperationOpener(engine, maskError, limits),
    subscribe: args => (args.rootValue as Enveloped).subscribe(args),
    onNext: (_context, _id, _payload, _args, { data, errors }) => {
      if (errors) return { ...(data !== undefined && { data }), errors: errors.map(format) };
    },
    onError: (_context, _id, _payload, errors) => errors.map(format),
  });
}

type Enveloped = ReturnType<GraphQLEngine['getEnveloped']>;

/** Whatever goes wrong here is one error of one operation: thrown, it would close the socket under all others. */
function createOperationOpener(engine: GraphQLEngine, maskError: MaskError, limits: Limits): OpenOperation {
  return async ({ extra, subscriptions }, _id, payload) => {
    try {
      if (Object.keys(subscriptions).length > limits.operationsPerSocket) {
        extra.close(4429, 'Too many operations');
        throw badInput(`A socket runs at most ${limits.operationsPerSocket} operations.`);
      }
      const { viewer, signal } = extra;
      if (viewer === undefined || viewer.expiresAt.getTime() <= Date.now()) throw tokenExpired();
      const enveloped = engine.getEnveloped({ viewer, signal, params: payload });
      const { schema } = enveloped;
      const document = enveloped.parse(payload.query);
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
