import { type GraphQLObjectType, isObjectType } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TokenRequest } from '../../src/auth.ts';
import type { DeadLetters } from '../../src/core/dead-letters.ts';
import { createSchema } from '../../src/schema/public-schema.ts';
import { SCOPES, type Scope } from '../../src/schema/viewer.ts';
import { createFakeSessions, type FakeSessions, qrCode, sessionView } from './fake-sessions.ts';
import { type RootField, rootFields } from './root-fields.ts';
import {
  codesOf,
  collect,
  type GraphQLReply,
  openApp,
  startApp,
  subscribe,
  type TestApp,
  TRANSPORTS,
  tokenFor,
} from './test-app.ts';

/** What the interface promises: which scope opens which operation. One that is not here has no business in the schema. */
const SCOPE_OF: Readonly<Record<string, Scope>> = {
  session: 'sessions:read',
  sessions: 'sessions:read',
  stores: 'sessions:read',
  encryptionKeys: 'admin',
  rotateKeys: 'admin',
  webhookDeadLetters: 'admin',
  reviveWebhookDeadLetters: 'admin',
  createSession: 'sessions:write',
  startSession: 'sessions:write',
  stopSession: 'sessions:write',
  logoutSession: 'sessions:write',
  requestPairingCode: 'sessions:pair',
  syncSession: 'sessions:write',
  restoreSession: 'sessions:write',
  deleteSession: 'sessions:write',
  sendText: 'messages:send',
  sessionQrIssued: 'sessions:pair',
  sessionStatusChanged: 'sessions:read',
  sessionDeleted: 'sessions:read',
  messageReceived: 'messages:read',
};

/** Webhooks are no sessions; whoever comes through to them is noted in the same place. */
function noteDeadLetters(calls: FakeSessions['calls']): DeadLetters {
  const note = (name: string) => (asked: unknown) => {
    calls.push([name, asked]);
    return [];
  };
  return { read: note('readDeadLetters'), revive: note('reviveDeadLetters') };
}

const FIELDS = rootFields();
const scopeOf = (name: string): Scope => SCOPE_OF[name] ?? expect.fail(`${name} has no rule`);

/** Everything runs over HTTP and server-sent events but subscriptions, which need a stream; those also over WebSocket. */
const transportsOf = ({ kind }: RootField) =>
  kind === 'subscription' ? TRANSPORTS : (['HTTP', 'server-sent events'] as const);
const cases = FIELDS.flatMap(field =>
  transportsOf(field).map(transport => ({ name: field.name, transport, field })),
);

test('every operation of the schema has a rule here, and the other way round', () => {
  expect(FIELDS.map(({ name }) => name).sort()).toEqual(Object.keys(SCOPE_OF).sort());
});

test('every field below them is shown with what leads to it, unless it has a scope of its own', async () => {
  const schema = createSchema();
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const types = Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType =>
      isObjectType(type) && !type.name.startsWith('__') && !roots.includes(type),
  );
  const rules = types.flatMap(type =>
    Object.values(type.getFields()).map(
      ({ name, extensions }) => `${type.name}.${name}: ${extensions.access?.scope ?? 'as its object'}`,
    ),
  );
  // A new field belongs here, and whoever adds it has to say who may see it.
  await expect(`${rules.sort().join('\n')}\n`).toMatchFileSnapshot('field-access.txt');
});

test('queries and mutations do not run over WebSocket, whatever the scope', async () => {
  const app = await startApp({ sessions: createFakeSessions(sessionView('shop')) });
  for (const { kind, operationOn } of FIELDS) {
    if (kind === 'subscription') continue;
    const [answer] = await collect(subscribe(app, 'WebSocket', operationOn('shop')));
    expect(codesOf(answer ?? {}), operationOn('shop')).toEqual(['BAD_USER_INPUT']);
  }
  expect(app.sessions.calls).toEqual([]);
});

describe.each(cases)('$name over $transport', ({ name, transport, field }) => {
  const scope = scopeOf(name);

  /** One answer; a stream that stays open counts as opened, and has none. */
  const run = async (id: string, request: Partial<TokenRequest>) => {
    const query = field.operationOn(id);
    if (transport === 'HTTP') return app.post(query, { token: await tokenFor(request) });
    // A missing session is refused by the stream, so its answer is still to come when the stream is there.
    const wasOpened = app.sessions.views.has(id)
      ? app.sessions.nextCall()
      : new Promise<never>(() => undefined);
    const answers = subscribe(app, transport, query, request);
    if (field.kind !== 'subscription') return (await answers.next()).value ?? {};
    return Promise.race([answers.next().then(({ value }) => value ?? {}), wasOpened.then(() => ({}))]);
  };
  const shop = sessionView('shop');
  let app: TestApp;
  beforeAll(async () => {
    const sessions = createFakeSessions();
    app = await openApp({ sessions, deadLetters: noteDeadLetters(sessions.calls) });
  });
  beforeEach(() => {
    app.sessions.views.set('shop', shop);
    app.sessions.calls.length = 0;
  });
  afterAll(() => app.stop());

  const grants = [...SCOPES.map(scope => [scope]), []].map(scopes => ({ scopes }));

  test.each(grants)('with scopes $scopes', async ({ scopes }) => {
    const isOpen = scopes.includes(scope) || scopes.includes('admin');
    const answer = await run('shop', { scopes });
    expect(codesOf(answer)).toEqual(isOpen ? undefined : ['FORBIDDEN']);
    expect(app.sessions.calls).toHaveLength(isOpen ? 1 : 0);
  });

  if (!field.takesId) return;

  test('without the scope an id is not even looked at', async () => {
    const answer = await run('../x', { scopes: [] });
    expect(codesOf(answer)).toEqual(['FORBIDDEN']);
  });

  test.each(['../x', '', '.hidden', 'x'.repeat(129), 'ä', 'a b', '..%2f'])(
    'the malformed id %j is bad input, also where it is out of sight',
    async id => {
      const answer = await run(id, { scopes: [scope], sessions: ['shop'] });
      expect(codesOf(answer)).toEqual(['BAD_USER_INPUT']);
      expect(app.sessions.calls).toEqual([]);
    },
  );

  test('attack: a session out of sight looks like one that is missing', async () => {
    const scopes = [scope];
    const hidden = await run('shop', { scopes, sessions: ['other-*'] });
    expect(app.sessions.calls).toEqual([]);
    if (name === 'createSession') return expect(codesOf(hidden)).toEqual(['FORBIDDEN']);
    app.sessions.views.clear();
    const missing = await run('shop', { scopes, sessions: ['shop'] });
    expect(contentOf(hidden)).toEqual(contentOf(missing));
    if (name === 'session') expect(hidden.data).toEqual({ session: null });
    else expect(codesOf(hidden)).toEqual(['SESSION_NOT_FOUND']);
  });
});

const contentOf = ({ data, errors }: Pick<GraphQLReply, 'data' | 'errors'>) => ({ data, errors });

test('a code needs sessions:pair wherever a session is shown', async () => {
  const sessions = createFakeSessions(sessionView('shop', { qr: qrCode('2@secret') }));
  const app = await startApp({ sessions });
  const token = await tokenFor({ scopes: ['sessions:read'] });
  const { data, errors } = await app.post('{ session(id: "shop") { id qr { data } } }', { token });
  expect(data).toEqual({ session: { id: 'shop', qr: null } });
  expect(errors).toMatchObject([{ path: ['session', 'qr'], extensions: { code: 'FORBIDDEN' } }]);
});

test('a list holds only what the token may see', async () => {
  const app = await startApp({ sessions: createFakeSessions(sessionView('a-1'), sessionView('b-1')) });
  const token = await tokenFor({ sessions: ['b-*'] });
  const { data } = await app.post('{ sessions { totalCount edges { node { id } } } }', { token });
  expect(data).toEqual({ sessions: { totalCount: 1, edges: [{ node: { id: 'b-1' } }] } });
});

describe('going back to an old copy', () => {
  const restore = (input: string) =>
    `mutation { restoreSession(input: { id: "shop", ${input} }) { restoredFrom } }`;

  test('needs admin, and is told apart from an ordinary restore', async () => {
    const app = await startApp({ sessions: createFakeSessions(sessionView('shop')) });
    const token = await tokenFor({ scopes: ['sessions:write'] });
    expect(codesOf(await app.post(restore('acceptStale: true'), { token }))).toEqual(['FORBIDDEN']);
    expect(codesOf(await app.post(restore('acceptStale: false'), { token }))).toBeUndefined();
    const admin = await tokenFor({ scopes: ['admin'] });
    expect(codesOf(await app.post(restore('acceptStale: true'), { token: admin }))).toBeUndefined();
  });
});
