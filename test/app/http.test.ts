import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { codesOf, startApp, type TestApp, tokenFor } from './test-app.ts';

const STORES = '{ stores { name } }';
const config = { host: '127.0.0.1', port: 0, allowedOrigins: ['https://crm.example'], servesGraphiql: true };

describe('tokens', () => {
  test('without one, or with a bad one, the whole request is 401', async () => {
    const app = await startApp();
    const bad = ['', 'x.y.z', await tokenFor({ secret: 'another secret, also long enough!!' })];
    for (const token of bad) {
      const reply = await app.post(STORES, { token });
      expect(reply.status).toBe(401);
      expect(codesOf(reply)).toEqual(['UNAUTHENTICATED']);
      expect(reply.data).toBeUndefined();
      expect(reply.headers.get('www-authenticate')).toBe('Bearer');
    }
    expect(app.sessions.calls).toEqual([]);
    expect(app.logged).toEqual([]);
  });

  test('a request that would be refused anyway is 401 first', async () => {
    const app = await startApp();
    expect((await app.post('{', { token: '' })).status).toBe(401);
    expect((await fetch(`${app.url}?query={__typename}`)).status).toBe(401);
  });
});

describe('requests', () => {
  test('queries also run by GET, mutations do not', async () => {
    const app = await startApp();
    const get = async (query: string) =>
      fetch(`${app.url}?query=${encodeURIComponent(query)}`, { headers: await authorization() });
    expect(await (await get(STORES)).json()).toEqual({ data: { stores: [{ name: 'file' }] } });
    expect((await get('mutation { stopSession(input: { id: "a" }) { session { id } } }')).status).toBe(405);
  });

  test('malformed ones are the mistake of who sent them', async () => {
    const app = await startApp();
    const headers = await authorization();
    const send = (body: string, type: string) =>
      fetch(app.url, { method: 'POST', headers: { ...headers, ...accept, 'content-type': type }, body });
    const replies = await Promise.all([
      send('{bad', 'application/json'),
      send('{}', 'application/json'),
      send('[{"query":"{ stores { name } }"}]', 'application/json'),
      send('query={stores{name}}&variables={bad', 'application/x-www-form-urlencoded'),
      fetch(`${app.url}?query={stores{name}}&variables={bad`, { headers: { ...headers, ...accept } }),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
    // Also where plain JSON is accepted: what is no GraphQL request has no claim to its 200.
    const plain = await fetch(app.url, {
      method: 'POST',
      headers: { ...headers, accept: 'application/json', 'content-type': 'application/json' },
      body: '{bad',
    });
    expect(plain.status).toBe(400);
    for (const reply of replies) expect(codesOf(await reply.json())).toEqual(['BAD_USER_INPUT']);
    expect(app.logged).toEqual([]);
  });

  test('a Host that is none is refused', async () => {
    const app = await startApp();
    const status = await new Promise(resolve => {
      const headers = { host: 'a b', accept: 'text/html' };
      request(app.url, { headers }, response => resolve(response.resume().statusCode)).end();
    });
    expect(status).toBe(400);
    expect(app.logged).toEqual([]);
  });

  test('F8: a declared body beyond the limit is 413 before a byte of it, and before the token', async () => {
    const app = await startApp();
    const status = await new Promise((resolve, reject) => {
      const headers = { 'content-length': 20_000_000 };
      const sending = request(app.url, { method: 'POST', headers }, response => {
        resolve(response.statusCode);
        sending.destroy();
      });
      sending.on('error', reject).flushHeaders();
    });
    expect(status).toBe(413);
  });

  test('F8: a body that does not say how long it is, is 413 once it is too long', async () => {
    const app = await startApp();
    const headers = { ...(await authorization()), 'content-type': 'application/json' };
    expect(await postInChunks(app, headers, Buffer.alloc(1_000_000, ' '))).toBe(413);
    expect(await postInChunks(app, headers, Buffer.from('{ "query": "{ __typename }" }'))).toBe(200);
  });
});

describe('F8: web pages of other origins', () => {
  const ask = async (app: TestApp, origin: string) =>
    fetch(`${app.url}?query=${encodeURIComponent(STORES)}`, {
      headers: { ...(await authorization()), origin },
    });
  const preflight = (app: TestApp, origin: string) =>
    fetch(app.url, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });

  test('are told nothing that would let them read', async () => {
    const app = await startApp({ config });
    for (const reply of [
      await ask(app, 'https://evil.example'),
      await preflight(app, 'https://evil.example'),
    ]) {
      expect(reply.headers.get('access-control-allow-origin')).toBeNull();
      expect(reply.headers.get('access-control-allow-credentials')).toBeNull();
      expect(reply.headers.get('vary')).toBe('Origin');
    }
  });

  test('may read where they are listed, errors too, and never with credentials', async () => {
    const app = await startApp({ config });
    const refused = await fetch(app.url, { method: 'POST', headers: { origin: 'https://crm.example' } });
    expect(refused.status).toBe(401);
    for (const reply of [
      await ask(app, 'https://crm.example'),
      await preflight(app, 'https://crm.example'),
      refused,
    ]) {
      expect(reply.headers.get('access-control-allow-origin')).toBe('https://crm.example');
      expect(reply.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });
});

describe('health', () => {
  const ask = async (app: TestApp, path: string) =>
    (await fetch(`http://127.0.0.1:${app.port}${path}`)).status;

  test('live while it is up, ready while the stores answer', async () => {
    let isReady = true;
    const app = await startApp({ checkStores: async () => isReady });
    expect([await ask(app, '/health/live'), await ask(app, '/health/ready')]).toEqual([200, 200]);
    isReady = false;
    expect([await ask(app, '/health/live'), await ask(app, '/health/ready')]).toEqual([200, 503]);
  });

  test('a check that fails or stays silent means not ready', async () => {
    const failing = await startApp({ checkStores: () => Promise.reject(new Error('down')) });
    expect(await ask(failing, '/health/ready')).toBe(503);
    const silent = await startApp({
      checkStores: () => new Promise(() => undefined),
      limits: { readinessMs: 20 },
    });
    expect(await ask(silent, '/health/ready')).toBe(503);
  });

  test('nothing else is served', async () => {
    const app = await startApp();
    for (const path of ['/', '/graphqlx', '/graphql/', '//', '/health'])
      expect(await ask(app, path)).toBe(404);
  });
});

const accept = { accept: 'application/graphql-response+json' };
const authorization = async () => ({ authorization: `Bearer ${await tokenFor()}` });

const postInChunks = (app: TestApp, headers: Record<string, string>, body: Buffer) =>
  new Promise(resolve => {
    const sending = request(app.url, { method: 'POST', headers }, response =>
      resolve(response.resume().statusCode),
    );
    sending.on('error', () => undefined);
    for (let at = 0; at < body.length; at += 50_000) sending.write(body.subarray(at, at + 50_000));
    sending.end();
  });
