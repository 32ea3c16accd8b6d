import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/app/limits.ts';
import { createFakeSessions, sessionView } from './fake-sessions.ts';
import {
  bearer,
  codesOf,
  collect,
  startApp,
  subscribe,
  type TestApp,
  TRANSPORTS,
  tokenFor,
} from './test-app.ts';

const start = (options: Parameters<typeof startApp>[0] = {}) =>
  startApp({ sessions: createFakeSessions(sessionView('shop')), ...options });

const SESSION = 'query ($id: ID!) { session(id: $id) { id } }';

describe('attack: an id that is no id', () => {
  const ids = [
    '../x',
    '..%2f',
    'a\0b',
    'x'.repeat(300),
    'a/b',
    'a\\b',
    '․․',
    '．．',
    "a'; DROP TABLE x; --",
    'a b',
    '',
  ];
  test.each(ids)('%j is bad input, in text and in variables', async id => {
    const app = await start();
    expect(codesOf(await app.post(SESSION, { variables: { id } }))).toEqual(['BAD_USER_INPUT']);
    const text = `{ session(id: ${JSON.stringify(id)}) { id } }`;
    expect(codesOf(await app.post(text))).toEqual(['BAD_USER_INPUT']);
    expect(app.sessions.calls).toEqual([]);
  });

  test.each([{ $ne: null }, { $gt: '' }, ['shop'], true, null, 1.5])(
    'the operator or value %j in the place of an id reaches no store',
    async id => {
      const app = await start();
      expect(codesOf(await app.post(SESSION, { variables: { id } }))).toEqual(['BAD_USER_INPUT']);
      expect(app.sessions.calls).toEqual([]);
    },
  );

  test('names that some system reserves are ids like any other', async () => {
    const app = await start();
    for (const id of ['CON', 'nul.txt', 'constructor', '__proto__']) {
      expect((await app.post(SESSION, { variables: { id } })).data).toEqual({ session: null });
    }
  });
});

test('attack: variables that reach for a prototype change none', async () => {
  const app = await start();
  const body = `{"query": ${JSON.stringify(SESSION)}, "variables": {"id": "shop", "__proto__": {"admin": true},
    "constructor": {"prototype": {"admin": true}}}}`;
  const headers = { authorization: await bearer(), 'content-type': 'application/json' };
  const reply = await fetch(app.url, { method: 'POST', headers, body });
  expect(await reply.json()).toMatchObject({ data: { session: { id: 'shop' } } });
  expect(({} as Record<string, unknown>).admin).toBeUndefined();
});

test('attack: an id outside the token is answered alike, there or not, and nothing is asked for it', async () => {
  const app = await start();
  const token = await tokenFor({ sessions: ['mine-*'] });
  const answers = await Promise.all(
    ['shop', 'missing'].map(async id => {
      const { status, data, errors } = await app.post(SESSION, { token, variables: { id } });
      return { status, data, errors };
    }),
  );
  expect(answers[0]).toEqual(answers[1]);
  // No store is asked, so there is no time to measure either.
  expect(app.sessions.calls).toEqual([]);
});

test.each(TRANSPORTS)('attack: a token for one QR code opens nothing else over %s', async transport => {
  const app = await start({ sessions: createFakeSessions(sessionView('shop'), sessionView('other')) });
  const grant = { scopes: ['sessions:pair'], sessions: ['shop'] } as const;
  const ask = async (query: string) => {
    const [answer] = await collect(subscribe(app, transport, query, grant));
    return codesOf(answer ?? {});
  };
  expect(await ask('subscription { sessionQrIssued(id: "other") { data } }')).toEqual(['SESSION_NOT_FOUND']);
  expect(await ask('subscription { sessionStatusChanged(id: "shop") { status } }')).toEqual(['FORBIDDEN']);
  expect(await ask('subscription { messageReceived { text } }')).toEqual(['FORBIDDEN']);
  const token = await tokenFor(grant);
  expect(codesOf(await app.post('{ session(id: "shop") { id } }', { token }))).toEqual(['FORBIDDEN']);
  const own = subscribe(app, transport, 'subscription { sessionQrIssued(id: "shop") { ordinal } }', grant);
  const opened = app.sessions.nextCall();
  const first = own.next();
  await opened;
  app.sessions.qrStreams.at(-1)?.complete();
  expect((await first).done).toBe(true);
});

describe('attack: bodies', () => {
  const send = async (app: TestApp, headers: Record<string, string>, body: Uint8Array<ArrayBuffer>) =>
    fetch(app.url, {
      method: 'POST',
      headers: { authorization: await bearer(), 'content-type': 'application/json', ...headers },
      body,
    });

  test('a gzip bomb is not unpacked', async () => {
    const app = await start();
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(50_000_000, ' ')));
    expect(bomb.length).toBeLessThan(DEFAULT_LIMITS.bodyBytes);
    const before = process.memoryUsage().rss;
    const reply = await send(app, { 'content-encoding': 'gzip' }, bomb);
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
    expect(process.memoryUsage().rss - before).toBeLessThan(40_000_000);
  });

  test('a batch of operations is refused', async () => {
    const app = await start();
    const batch = Buffer.from(
      JSON.stringify([{ query: '{ stores { name } }' }, { query: '{ __typename }' }]),
    );
    expect((await send(app, {}, new Uint8Array(batch))).status).toBe(400);
    expect(app.sessions.calls).toEqual([]);
  });
});

test('attack: a request that comes a byte at a time is cut off', async () => {
  const app = await start({ limits: { headersMs: 200, requestMs: 400 } });
  const slow = [
    `POST /graphql HTTP/1.1\r\nHost: localhost\r\n`,
    `POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${await bearer()}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
  ];
  for (const beginning of slow) {
    const socket = connect({ port: app.port, host: '127.0.0.1' });
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    const chunks: Buffer[] = [];
    socket.on('data', chunk => chunks.push(chunk));
    const closed = new Promise(resolve => socket.once('close', resolve));
    socket.write(beginning);
    await closed;
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 408 /);
  }
  expect(app.sessions.calls).toEqual([]);
});
