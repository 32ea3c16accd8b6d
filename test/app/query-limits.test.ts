import { getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createFakeSessions, sessionView } from './fake-sessions.ts';
import { openRawSocket } from './raw-socket.ts';
import { bearer, codesOf, collect, startApp, tokenFor } from './test-app.ts';

const SUBSCRIPTION = 'subscription { sessionStatusChanged { session {';

const copiesOf = (depth: number) => `${'copies { '.repeat(depth)} store ${'}'.repeat(depth)}`;
const aliases = (count: number) => Array.from({ length: count }, (_, n) => `a${n}: __typename`).join(' ');
const directives = (count: number) => 'id @include(if: true) '.repeat(count);
const history = (first: number | string) => `history(first: ${first}) { edges { node { id } } }`;

/** What is asked of a session; each is too much of one thing. The schema itself is hardly deeper than the bound. */
const TOO_MUCH = {
  depth: { selection: 'history { edges { node { reason { code } } } }', limits: { queryDepth: 4 } },
  aliases: { selection: aliases(16), limits: {} },
  directives: { selection: directives(21), limits: {} },
  objects: {
    selection: Array.from({ length: 15 }, (_, n) => `a${n}: ${history(100)}`).join(' '),
    limits: { queryObjects: 4_000 },
  },
  tokens: { selection: 'id '.repeat(1_000), limits: {} },
};

describe.each(Object.entries(TOO_MUCH))('F6: too much of %s', (name, { selection, limits }) => {
  const start = () => startApp({ sessions: createFakeSessions(sessionView('shop')), limits });
  const query = `{ session(id: "shop") { ${selection} } }`;

  test('are a 400 over HTTP, before anything is asked of a session', async () => {
    const app = await start();
    const began = performance.now();
    const reply = await app.post(query);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(reply.status).toBe(400);
    expect(codesOf(reply)).toEqual(['BAD_USER_INPUT']);
    expect(reply.errors?.[0]?.message).toMatch(/deeper|aliases|directives|objects|token/);
    // The parser's complaints travel with a 200 in plain JSON, as the specification has it.
    const plain = await app.post(query, { accept: 'application/json' });
    expect(plain.status).toBe(name === 'tokens' ? 200 : 400);
    expect(plain.data).toBeUndefined();
    expect(app.sessions.calls).toEqual([]);
  });

  test('are one error over server-sent events', async () => {
    const app = await start();
    const events = await collect(
      app.stream(`${SUBSCRIPTION} ${selection} } } }`, { token: await tokenFor() }),
    );
    expect(events.map(codesOf)).toEqual([['BAD_USER_INPUT']]);
    expect(app.sessions.calls).toEqual([]);
  });

  test('are one error over WebSocket, and the socket stays', async () => {
    const app = await start();
    const socket = await openRawSocket(app, {}, { authorization: await bearer() });
    await socket.message({ type: 'connection_ack' });
    socket.subscribe('1', `${SUBSCRIPTION} ${selection} } } }`);
    expect(await socket.message({ id: '1' })).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
    socket.subscribe('2', `${SUBSCRIPTION} id } } }`);
    await app.sessions.nextCall();
    expect(socket.socket.readyState).toBe(socket.socket.OPEN);
  });
});

describe('F6: what hides its size', () => {
  const spreads = Array.from(
    { length: 30 },
    (_, n) => `fragment F${n} on Session { ...F${n + 1} ...F${n + 1} }`,
  );
  const hidden = {
    'aliases in fragments': `{ a: session(id: "a") { ...A } b: session(id: "b") { ...A } }
      fragment A on Session { ${Array.from({ length: 8 }, (_, n) => `a${n}: id`).join(' ')} }`,
    'spreads that double': `{ session(id: "a") { ...F0 } } ${spreads.join('\n')}
      fragment F30 on Session { ${copiesOf(8)} }`,
    'objects behind a variable': `query ($first: Int) { sessions(first: 100) { edges { node { ${history('$first')} } } } }`,
    'objects in fragments': `{ sessions(first: 100) { edges { node { ...A ... on Session { ...A } } } } }
      fragment A on Session { ${history(50)} }`,
    'pages that are not asked for': `{ ${Array.from(
      { length: 15 },
      (_, n) => `a${n}: sessions { edges { node { ${'history { edges { node { id } } }'} } } }`,
    ).join(' ')} }`,
  };
  test.each(Object.entries(hidden))('%s', async (_name, query) => {
    const app = await startApp();
    const reply = await app.post(query);
    expect(reply.status).toBe(400);
    expect(new Set(codesOf(reply))).toEqual(new Set(['BAD_USER_INPUT']));
    expect(app.sessions.calls).toEqual([]);
  });

  test('a fragment of itself is bad input', async () => {
    const app = await startApp();
    const reply = await app.post('{ session(id: "a") { ...A } } fragment A on Session { ...A }');
    expect(codesOf(reply)).toEqual(['BAD_USER_INPUT']);
  });

  test('100,000 fields cost no more than reading them', async () => {
    const app = await startApp({ limits: { bodyBytes: 4_000_000 } });
    await app.post('{ __typename }');
    const began = process.cpuUsage();
    expect((await app.post(`{ ${'__typename '.repeat(100_000)} }`)).status).toBe(400);
    const { user, system } = process.cpuUsage(began);
    // Without the bound of tokens it is 300 ms and more.
    expect((user + system) / 1_000).toBeLessThan(150);
  });
});

describe('what is allowed', () => {
  test('what tools ask for the schema', async () => {
    const app = await startApp();
    const reply = await app.post(getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }));
    expect(reply.errors).toBeUndefined();
    expect(reply.data).toHaveProperty('__schema.types');
  });

  test('the deepest and widest', async () => {
    const app = await startApp();
    const reply = await app.post(`{ sessions { edges { node { copies { store } } } } ${aliases(15)} }`);
    expect(reply.errors).toBeUndefined();
  });

  test('a full page of sessions, each with its copies and its latest history', async () => {
    const app = await startApp();
    const node = `id status copies { store } ${history(20)}`;
    expect(
      (await app.post(`{ sessions(first: 100) { edges { node { ${node} } } } }`)).errors,
    ).toBeUndefined();
    const page = `query ($first: Int!) { session(id: "a") { ${history('$first')} } }`;
    expect((await app.post(page, { variables: { first: 5 } })).errors).toBeUndefined();
  });
});
