import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** Any GraphQL API: queries and mutations by HTTP, subscriptions by the graphql-ws protocol. */
export interface GraphQLClient {
  /** Rejects with what the server said where there are errors. */
  request<T>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
  /** Hands on every event, until the stream ends or the connection breaks. */
  subscribe<T>(query: string, variables: Readonly<Record<string, unknown>>, take: (data: T) => void): void;
  close(): Promise<void>;
}

interface Answer<T> {
  readonly data: T;
  readonly errors?: readonly { readonly message: string }[];
}

export function createGraphQLClient(url: string, token: string): GraphQLClient {
  const authorization = `Bearer ${token}`;
  const socket = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 0,
  });
  return {
    async request<T>(query: string, variables = {}) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = (await response.json()) as Answer<T>;
      if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
      return data;
    },
    subscribe<T>(query: string, variables: Readonly<Record<string, unknown>>, take: (data: T) => void) {
      // A stream that breaks ends silently: the server is killed on purpose, and what is missed, a step misses.
      const end = () => {};
      const next = ({ data }: { data?: T | null }) => data && take(data);
      socket.subscribe<T>({ query, variables: { ...variables } }, { next, error: end, complete: end });
    },
    close: async () => socket.dispose(),
  };
}
