import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Authenticate, AuthenticationError } from '../auth.ts';
import type { MaskError } from './client-error.ts';
import type { Graphiql } from './graphiql/page.ts';
import { GRAPHQL_PATH, type GraphQLEngine } from './graphql-engine.ts';
import type { Limits } from './limits.ts';
import { allowOrigin, answerPreflight, type IsOriginAllowed, isPreflight } from './origins.ts';

const RETRY_AFTER_S = 5;

export interface HttpOptions {
  readonly engine: GraphQLEngine;
  readonly authenticate: Authenticate;
  readonly isOriginAllowed: IsOriginAllowed;
  /** Left out where it is turned off. */
  readonly graphiql: Graphiql | undefined;
  readonly checkReadiness: () => Promise<boolean>;
  readonly maskError: MaskError;
  readonly limits: Limits;
  /** Follows a response while it is open; the signal says when it is not, or when it should end. */
  readonly followResponse: (response: ServerResponse) => () => AbortSignal;
  readonly showMetrics?: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | undefined;
}

/** Answers every HTTP request, or hands it to GraphQL with its viewer. Nothing is read from it before that. */
export function createRequestListener(options: HttpOptions): RequestListener {
  const route = async (request: IncomingMessage, response: ServerResponse) => {
    const signal = options.followResponse(response);
    const path = request.url?.split('?', 1)[0];
    if (path === GRAPHQL_PATH) return answerGraphQL(options, request, response, signal);
    if (path !== undefined && options.graphiql?.isAsset(path)) {
      const isThere = await options.graphiql.sendAsset(path, request.headers['if-none-match'], response);
      return isThere ? undefined : answerText(response, 404, 'not found');
    }
    if (path === '/health/live') return answerText(response, 200, 'live');
    if (path === '/metrics' && options.showMetrics) return options.showMetrics(request, response);
    if (path !== '/health/ready') return answerText(response, 404, 'not found');
    const isReady = await options.checkReadiness();
    return isReady ? answerText(response, 200, 'ready') : answerText(response, 503, 'not ready');
  };
  return (request, response) => {
    route(request, response).catch(error => {
      if (response.headersSent) return response.destroy();
      const { message } = options.maskError(error);
      answerError(response, 500, 'INTERNAL', message);
    });
  };
}

async function answerGraphQL(
  { engine, authenticate, isOriginAllowed, graphiql, limits }: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  signal: () => AbortSignal,
) {
  response.setHeader('Vary', 'Origin');
  if (isOriginAllowed(request)) allowOrigin(response, request);
  if (isPreflight(request)) return answerPreflight(response);
  if (Number(request.headers['content-length']) > limits.bodyBytes) {
    return answerError(response, 413, 'BAD_USER_INPUT', `A request has at most ${limits.bodyBytes} bytes.`);
  }
  if (!hasUsableHost(request)) return answerError(response, 400, 'BAD_USER_INPUT', 'The Host is not one.');
  if (graphiql && isPageRequest(request)) return graphiql.sendPage(response);
  try {
    const viewer = await authenticate(request.headers.authorization);
    return await engine(request, response, { viewer, signal });
  } catch (error) {
    if (!(error instanceof AuthenticationError)) throw error;
    if (error.code === 'KEYS_UNAVAILABLE') {
      response.setHeader('Retry-After', RETRY_AFTER_S);
      return answerError(response, 503, 'ISSUER_UNAVAILABLE', error.message);
    }
    response.setHeader('WWW-Authenticate', 'Bearer');
    return answerError(response, 401, 'UNAUTHENTICATED', error.message);
  }
}

/** The library puts it into a URL, and throws where that fails. */
const hasUsableHost = ({ headers: { host } }: IncomingMessage) =>
  host === undefined || URL.canParse(`http://${host}`);

/** A browser that was sent here by its address bar. What it gets runs nothing. */
const isPageRequest = ({ method, headers }: IncomingMessage) =>
  method === 'GET' && headers.accept?.includes('text/html') === true;

function answerText(response: ServerResponse, status: number, text: string) {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
  response.end(`${text}\n`);
}

function answerError(response: ServerResponse, status: number, code: string, message: string) {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}
