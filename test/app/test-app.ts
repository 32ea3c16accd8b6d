import { type Client, createClient } from 'graphql-ws';
import { onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type App, type AppOptions, createApp } from '../../src/app.ts';
import { createAuthenticator, mintToken, type TokenRequest } from '../../src/auth.ts';
import { createFakeSessions, type FakeSessions } from './fake-sessions.ts';

export const SECRET = 'a secret for tests, long enough for HS256';

export interface GraphQLReply {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: { message: string; path?: string[]; extensions: Record<string, unknown> }[];
}

export interface TestApp {
  readonly sessions: FakeSessions;
  readonly port: number;
  readonly url: string;
  /** What was logged. */
  readonly logged: { fields: Record<string, unknown>; message: string }[];
  readonly stop: App['stop'];
  post(query: string, options?: PostOptions): Promise<GraphQLReply>;
  /** Over server-sent events: each event's data, in order. */
  stream(query: string, options?: PostOptions): AsyncGenerator<GraphQLReply>;
  openSocket(authorization: string | undefined): Client;
}

export interface PostOptions {
  readonly token?: string;
  readonly variables?: Record<string, unknown>;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

type TestAppOptions = Partial<AppOptions> & { sessions?: FakeSessions };

/** A real server on a free port, in front of sessions that are not; stopped when the test ends. */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const app = await openApp(options);
  onTestFinished(() => app.stop());
  return app;
}

/** The same, for several tests; the caller stops it. */
export async function openApp(options: TestAppOptions = {}): Promise<TestApp> {
  const sessions = options.sessions ?? createFakeSessions();
  const logged: TestApp['logged'] = [];
  const app = createApp({
    authenticate: createAuthenticator({ secret: SECRET }),
    logger: { error: (fields: object, message = '') => void logged.push({ fields: { ...fields }, message }) },
    checkStores: async () => true,
    ...options,
    sessions,
    config: { host: '127.0.0.1', port: 0, allowedOrigins: [], servesGraphiql: true, ...options.config },
  });
  const { port } = await app.start();
  const stop = once(app.stop);
  const url = `http://127.0.0.1:${port}/graphql`;
  const request = async (query: string, { token, variables, accept, signal }: PostOptions) =>
    fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: accept ?? 'application/graphql-response+json',
        ...(token !== '' && { authorization: `Bearer ${token ?? (await tokenFor())}` }),
      },
      body: JSON.stringify({ query, variables }),
      signal: signal ?? null,
    });
  return {
    sessions,
    port,
    url,
    logged,
    stop,
    async post(query, postOptions = {}) {
      const response = await request(query, postOptions);
      const { data, errors } = JSON.parse(await response.text());
      return { status: response.status, headers: response.headers, data, errors };
    },
    async *stream(query, postOptions = {}) {
      const response = await request(query, { ...postOptions, accept: 'text/event-stream' });
      const { status, headers } = response;
      let rest = '';
      for await (const chunk of response.body ?? []) {
        rest += Buffer.from(chunk).toString();
        const lines = rest.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (line.startsWith('data: {'))
            yield { status, headers, ...JSON.parse(line.slice('data: '.length)) };
        }
      }
    },
    openSocket(authorization) {
      const client = createClient({
        url: url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        lazy: true,
        retryAttempts: 0,
        ...(authorization !== undefined && { connectionParams: { authorization } }),
      });
      onTestFinished(() => void client.dispose());
      return client;
    },
  };
}

export type Transport = 'server-sent events' | 'WebSocket';
export const TRANSPORTS: readonly Transport[] = ['server-sent events', 'WebSocket'];

/** A subscription over either transport, with its errors as one more value, as `{ errors }`. */
export async function* subscribe(
  app: TestApp,
  transport: Transport,
  query: string,
  request: Partial<TokenRequest> = {},
): AsyncGenerator<Pick<GraphQLReply, 'data' | 'errors'>> {
  if (transport === 'server-sent events') {
    for await (const { data, errors } of app.stream(query, { token: await tokenFor(request) })) {
      yield { ...(data !== undefined && { data }), ...(errors && { errors }) };
    }
    return;
  }
  const socket = app.openSocket(await bearer(request));
  try {
    for await (const result of socket.iterate({ query })) yield result as GraphQLReply;
  } catch (errors) {
    yield { errors: errors as NonNullable<GraphQLReply['errors']> };
  }
}

/** Waits for a condition; the machine may be busy with a lot else. */
export const eventually = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 10_000, interval: 5 });

/** All that a subscription yields until it ends. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of stream) values.push(value);
  return values;
}

export const codesOf = ({ errors }: Pick<GraphQLReply, 'errors'>) =>
  errors?.map(error => error.extensions.code);

export const tokenFor = (request: Partial<TokenRequest> = {}): Promise<string> =>
  mintToken({ secret: SECRET, subject: 'tester', scopes: ['admin'], ttlMs: 60_000, ...request });

export const bearer = async (request: Partial<TokenRequest> = {}) => `Bearer ${await tokenFor(request)}`;

function once(action: App['stop']): App['stop'] {
  let result: Promise<void> | undefined;
  return halted => (result ??= action(halted));
}
