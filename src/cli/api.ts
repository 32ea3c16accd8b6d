import { readServerEvents } from '../client/server-events.ts';
import type { Call } from './command.ts';
import { CommandFailure, EXIT, exitCodeOf } from './exit-codes.ts';

const DEFAULT_URL = 'http://127.0.0.1:4000/graphql';

/** Options of all commands that talk to a running server. */
export const API_OPTIONS = { url: { type: 'string' }, token: { type: 'string' } } as const;

export const API_HELP = `  --url URL       of the server (SESSIONGRAPH_URL, else ${DEFAULT_URL})
  --token TOKEN   a bearer token (SESSIONGRAPH_TOKEN); sessiongraph token makes one`;

/** The GraphQL API of a running server. Rejects with a CommandFailure. */
export interface Api {
  request<T>(query: string, variables?: object): Promise<T>;
  subscribe<T>(query: string, variables?: object): AsyncGenerator<T>;
}

interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

export function openApi(call: Call): Api {
  const url = call.text('url') ?? call.environment.SESSIONGRAPH_URL ?? DEFAULT_URL;
  const token = call.text('token') ?? call.environment.SESSIONGRAPH_TOKEN;

  async function post(accept: string, query: string, variables: object): Promise<Response> {
    const headers = {
      accept,
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    };
    return fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) }).catch(
      cause => {
        throw new CommandFailure(EXIT.unavailable, 'SERVER_UNAVAILABLE', `no server answers at ${url}`, {
          cause,
        });
      },
    );
  }

  return {
    async request<T>(query: string, variables = {}) {
      return read(
        (await (await post('application/json', query, variables)).json().catch(() => ({}))) as Answer<T>,
      );
    },
    async *subscribe<T>(query: string, variables = {}) {
      const response = await post('text/event-stream', query, variables);
      if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
        yield read((await response.json().catch(() => ({}))) as Answer<T>);
        return;
      }
      for await (const data of readServerEvents(response)) yield read(JSON.parse(data) as Answer<T>);
    },
  };
}

function read<T>({ data, errors }: Answer<T>): T {
  const [error] = errors ?? [];
  if (error) {
    const code = error.extensions?.code ?? 'INTERNAL';
    throw new CommandFailure(exitCodeOf(code), code, error.message);
  }
  if (data) return data;
  throw new CommandFailure(EXIT.unavailable, 'SERVER_UNAVAILABLE', 'what answers there is not sessiongraph');
}
