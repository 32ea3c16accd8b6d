import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TokenRequest } from '../../src/auth.ts';
import { createSchema } from '../../src/schema/public-schema.ts';
import { SCOPES, type Scope } from '../../src/schema/viewer.ts';
import { createFakeSessions, qrCode, sessionView } from './fake-sessions.ts';
import {
  codesOf,
  type GraphQLReply,
  openApp,
  startApp,
  subscribe,
  type TestApp,
  TRANSPORTS,
  tokenFor,
} from './test-app.ts';

interface RootField {
  readonly scope: Scope;
  /** The operation on a session; where it takes none, the same for every id. */
  readonly operation: (id: string) => string;
}

/** What the interface promises, field by field; the tests below hold the schema to it, and it to the schema. */
const FIELDS: Record<string, RootField> = {
  session: { scope: 'sessions:read', operation: id => `{ session(id: "${id}") { id } }` },
  sessions: { scope: 'sessions:read', operation: () => '{ sessions { totalCount } }' },
  stores: { scope: 'sessions:read', operation: () => '{ stores { name } }' },
  createSession: {
    scope: 'sessions:write',
    operation: id => `mutation { createSession(input: { id: "${id}" }) { session { id } } }`,
  },
  startSession: {
    scope: 'sessions:write',
    operation: id => `mutation { startSession(input: { id: "${id}" }) { session { id } } }`,
  },
  stopSession: {
    scope: 'sessions:write',
    operation: id => `mutation { stopSession(input: { id: "${id}" }) { session { id } } }`,
  },
  logoutSession: {
    scope: 'sessions:write',
    operation: id => `mutation { logoutSession(input: { id: "${id}" }) { session { id } } }`,
  },
  requestPairingCode: {
    scope: 'sessions:pair',
    operation: id =>
      `mutation { requestPairingCode(input: { id: "${id}", phoneNumber: "+15550001" }) { session { id } } }`,
  },
  syncSession: {
    scope: 'sessions:write',
    operation: id => `mutation { syncSession(input: { id: "${id}" }) { session { id } } }`,
  },
  restoreSession: {
    scope: 'sessions:write',
    operation: id => `mutation { restoreSession(input: { id: "${id}" }) { restoredFrom } }`,
  },
  deleteSession: {
    scope: 'sessions:write',
    operation: id => `mutation { deleteSession(input: { id: "${id}" }) { deletedFrom } }`,
  },
  sendText: {
    scope: 'messages:send',
    operation: id => `mutation { sendText(input: { id: "${id}", to: "+1", text: "x" }) { messageId } }`,
  },
  sessionQrIssued: {
    scope: 'sessions:pair',
    operation: id => `subscription { sessionQrIssued(id: "${id}") { ordinal } }`,
  },
  sessionStatusChanged: {
    scope: 'sessions:read',
    operation: id => `subscription { sessionStatusChanged(id: "${id}") { status } }`,
  },
  sessionDeleted: {
    scope: 'sessions:read',
    operation: id => `subscription { sessionDeleted(id: "${id}") }`,
  },
  messageReceived: {
    scope: 'messages:read',
    operation: id => `subscription { messageReceived(id: "${id}") { text } }`,
  },
};

const takesId = ({ operation }: RootField) => operation('a') !== operation('b');
const names = Object.keys(FIELDS);
const streams = names.filter(name => FIELDS[name]?.operation('a').startsWith('subscription'));
const transportsOf = (name: string) => (streams.includes(name) ? TRANSPORTS : (['HTTP'] as const));
const cases = names.flatMap(name => transportsOf(name).map(transport => ({ name, transport })));

const fieldOf = (name: string): RootField => {
  const field = FIELDS[name];
  if (field === undefined) throw new Error(`no such field: ${name}`);
  return field;
};

test('every root field of the schema is in the table', () => {
  const schema = createSchema();
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  expect(roots.flatMap(root => Object.keys(root?.getFields() ?? {})).sort()).toEqual([...names].sort());
});

describe.each(cases)('$name over $transport', ({ name, transport }) => {
  const field = fieldOf(name);

  /** One answer; a stream that stays open counts as opened, and has none. */
  const run = async (id: string, request: Partial<TokenRequest>) => {
    const query = field.operation(id);
    if (transport === 'HTTP') return app.post(query, { token: await tokenFor(request) });
    // A missing session is refused by the stream, so its answer is still to come when the stream is there.
    const wasOpened = app.sessions.views.has(id)
      ? app.sessions.nextCall()
      : new Promise<never>(() => undefined);
    const answers = subscribe(app, transport, query, request);
    return Promise.race([answers.next().then(({ value }) => value ?? {}), wasOpened.then(() => ({}))]);
  };
  const shop = sessionView('shop');
  let app: TestApp;
  beforeAll(async () => {
    app = await openApp();
  });
  beforeEach(() => {
    app.sessions.views.set('shop', shop);
    app.sessions.calls.length = 0;
  });
  afterAll(() => app.stop());

  const grants = [...SCOPES.map(scope => [scope]), []].map(scopes => ({ scopes }));

  test.each(grants)('with scopes $scopes', async ({ scopes }) => {
    const isOpen = scopes.includes(field.scope) || scopes.includes('admin');
    const answer = await run('shop', { scopes });
    expect(codesOf(answer)).toEqual(isOpen ? undefined : ['FORBIDDEN']);
    expect(app.sessions.calls).toHaveLength(isOpen ? 1 : 0);
  });

  if (!takesId(field)) return;

  test('without the scope an id is not even looked at', async () => {
    const answer = await run('../x', { scopes: [] });
    expect(codesOf(answer)).toEqual(['FORBIDDEN']);
  });

  test.each(['../x', '', '.hidden', 'x'.repeat(129), 'ä', 'a b', '..%2f'])(
    'the malformed id %j is bad input, also where it is out of sight',
    async id => {
      const answer = await run(id, { scopes: [field.scope], sessions: ['shop'] });
      expect(codesOf(answer)).toEqual(['BAD_USER_INPUT']);
      expect(app.sessions.calls).toEqual([]);
    },
  );

  test('a session out of sight looks like one that is missing', async () => {
    const scopes = [field.scope];
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
