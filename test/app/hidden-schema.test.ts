import { getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createFakeSessions, sessionView } from './fake-sessions.ts';
import { codesOf, collect, startApp, subscribe, tokenFor } from './test-app.ts';

const config = { host: '127.0.0.1', port: 0, allowedOrigins: [], servesGraphiql: false };
const start = () => startApp({ config, sessions: createFakeSessions(sessionView('shop')) });
const reader = () => tokenFor({ scopes: ['sessions:read'] });

const ASKING = {
  schema: getIntrospectionQuery(),
  type: '{ __type(name: "Session") { name } }',
  'in a fragment': '{ ...A } fragment A on Query { __schema { types { name } } }',
};

describe.each(Object.entries(ASKING))('F5: introspection is off in production: %s', (_name, query) => {
  test('over HTTP', async () => {
    const app = await start();
    const reply = await app.post(query, { token: await reader() });
    expect(reply.status).toBe(400);
    expect(new Set(codesOf(reply))).toEqual(new Set(['BAD_USER_INPUT']));
    expect(reply.data).toBeUndefined();
  });

  test('over server-sent events', async () => {
    const app = await start();
    const events = await collect(app.stream(query, { token: await reader() }));
    expect(events.map(event => new Set(codesOf(event)))).toEqual([new Set(['BAD_USER_INPUT'])]);
  });

  test('over WebSocket, for admins too: it takes subscriptions only', async () => {
    const app = await start();
    for (const scopes of [['sessions:read'], ['admin']] as const) {
      const [answer] = await collect(subscribe(app, 'WebSocket', query, { scopes }));
      expect(answer?.data).toBeUndefined();
      expect(new Set(codesOf(answer ?? {}))).toEqual(new Set(['BAD_USER_INPUT']));
    }
  });
});

test('an admin may introspect, and what was validated for one is not reused for the other', async () => {
  const app = await start();
  const query = getIntrospectionQuery();
  const ask = async (token: string) => (await app.post(query, { token })).status;
  const [admin, other] = [await tokenFor(), await reader()];
  expect([await ask(other), await ask(admin), await ask(other), await ask(admin)]).toEqual([
    400, 200, 400, 200,
  ]);
});

test('no message guesses at a name', async () => {
  const app = await start();
  const token = await reader();
  const subscription = 'subscription { sessionStatusChange { status } }';
  const answers = [
    await app.post('{ sesions { totalCount } }', { token }),
    await app.post('query ($s: SessionStatus) { sessions(filter: { status: [$s] }) { totalCount } }', {
      token,
      variables: { s: 'CONECTED' },
    }),
    ...(await collect(subscribe(app, 'WebSocket', subscription, { scopes: ['sessions:read'] }))),
    ...(await collect(subscribe(app, 'server-sent events', subscription, { scopes: ['sessions:read'] }))),
  ];
  expect(answers).toHaveLength(4);
  for (const { errors = [] } of answers) {
    expect(errors).not.toEqual([]);
    expect(JSON.stringify(errors)).not.toMatch(/Did you mean|"sessions"|"CONNECTED"|sessionStatusChanged"/);
  }
  const open = await startApp();
  expect((await open.post('{ sesions { totalCount } }')).errors?.[0]?.message).toContain('Did you mean');
});
