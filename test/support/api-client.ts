import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

export interface ApiError {
  readonly message: string;
  readonly path?: readonly string[];
  readonly extensions: { readonly code?: string };
}

/** The public API as a program outside uses it: HTTP for queries and mutations, graphql-ws for subscriptions. */
export interface ApiClient {
  readonly url: string;
  /** The data; rejects with an `ApiFailure` where there are errors. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the query's, and each test knows its own
  request(query: string, variables?: object, headers?: Record<string, string>): Promise<any>;
  /** Hands every event to `take` until it is told to stop; `onEnd` hears of the end, also where it is an error. */
  subscribe(
    query: string,
    variables: Record<string, unknown>,
    // biome-ignore lint/suspicious/noExplicitAny: as above
    take: (data: any) => void,
    onEnd?: () => void,
  ): () => void;
  /** Resolves when every subscription so far is open: a socket answers in order, and refuses what is none. */
  subscribed(): Promise<void>;
  close(): Promise<void>;
}

export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly errors: readonly ApiError[];
  constructor(errors: readonly ApiError[]) {
    super(errors.map(({ message, extensions }) => `${extensions.code}: ${message}`).join('; '));
    this.errors = errors;
  }
}

export function createApiClient(url: string, token: string): ApiClient {
  const socket = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    lazy: true,
  });
  const subscribe: ApiClient['subscribe'] = (query, variables, take, onEnd = () => {}) =>
    socket.subscribe(
      { query, variables },
      { next: ({ data }) => data && take(data), error: onEnd, complete: onEnd },
    );

  return {
    url,
    subscribe,
    subscribed: () => new Promise(resolve => subscribe('{ __typename }', {}, () => {}, resolve)),
    async request(query, variables = {}, headers = {}) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = (await response.json()) as { data: unknown; errors?: ApiError[] };
      if (errors) throw new ApiFailure(errors);
      return data;
    },
    async close() {
      await socket.dispose();
    },
  };
}
