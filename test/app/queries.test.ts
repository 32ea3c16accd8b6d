import { expect, test } from 'vitest';
import { createFakeSessions, qrCode, sessionView } from './fake-sessions.ts';
import { codesOf, startApp } from './test-app.ts';

test('a session with all its fields', async () => {
  const view = sessionView('shop', {
    status: 'RECONNECTING',
    statusReason: { code: 'CONNECTION_LOST', message: 'Lost.', rawCode: 408, retryAt: new Date(0) },
    phoneNumber: '+4915112345',
    qr: qrCode('2@abc'),
  });
  const app = await startApp({ sessions: createFakeSessions(view) });
  const { status, data, errors } = await app.post(`{
    session(id: "shop") {
      id status desiredState linked phoneNumber jid lid displayName heldBy epoch revision createdAt
      statusReason { code message rawCode retryAt } degraded { code }
      qr { data image ordinal issuedAt expiresAt } copies { store state revision behindBy }
    }
  }`);
  expect(errors).toBeUndefined();
  expect(status).toBe(200);
  expect(data).toEqual({
    session: {
      id: 'shop',
      status: 'RECONNECTING',
      desiredState: 'RUNNING',
      linked: true,
      phoneNumber: '+4915112345',
      jid: null,
      lid: null,
      displayName: null,
      heldBy: null,
      epoch: '3',
      revision: '17',
      createdAt: '2026-01-02T03:04:05.006Z',
      statusReason: {
        code: 'CONNECTION_LOST',
        message: 'Lost.',
        rawCode: 408,
        retryAt: '1970-01-01T00:00:00.000Z',
      },
      degraded: null,
      qr: expect.objectContaining({
        data: '2@abc',
        image: expect.stringMatching(/^data:image\/png;base64,/),
        ordinal: 1,
      }),
      copies: [{ store: 'file', state: 'IN_SYNC', revision: '17', behindBy: null }],
    },
  });
});

const THREE = ['a', 'b', 'c'].map(id => sessionView(id));

test('a list in pages', async () => {
  const app = await startApp({ sessions: createFakeSessions(...THREE) });
  const query = `query ($after: String) {
    sessions(first: 2, after: $after) {
      edges { cursor node { id } } totalCount unreachableStores
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;
  const idsOf = (list: SessionList) => list.edges.map(({ node }) => node.id);
  const first = (await app.post(query)).data?.sessions as SessionList;
  expect(idsOf(first)).toEqual(['a', 'b']);
  expect(first).toMatchObject({ totalCount: 3, unreachableStores: ['tidb'] });
  expect(first.pageInfo).toEqual({
    hasNextPage: true,
    hasPreviousPage: false,
    startCursor: first.edges[0]?.cursor,
    endCursor: first.edges[1]?.cursor,
  });
  const variables = { after: first.pageInfo.endCursor };
  const second = (await app.post(query, { variables })).data?.sessions as SessionList;
  expect(idsOf(second)).toEqual(['c']);
  expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
});

test('an empty page has no cursors', async () => {
  const app = await startApp();
  const { data } = await app.post('{ sessions { edges { cursor } pageInfo { startCursor endCursor } } }');
  expect(data).toEqual({ sessions: { edges: [], pageInfo: { startCursor: null, endCursor: null } } });
});

test('what a list asks for reaches the sessions', async () => {
  const app = await startApp();
  await app.post('{ sessions(first: null) { totalCount } }');
  await app.post(`{ sessions(first: 100, filter: { status: [CONNECTED, FAILED], search: "x", phoneNumber: null })
    { totalCount } }`);
  const requests = app.sessions.calls.map(([, request]) => request);
  expect(requests[0]).toEqual({ first: 20, isVisible: expect.any(Function) });
  expect(requests[1]).toEqual({
    first: 100,
    filter: { status: ['CONNECTED', 'FAILED'], search: 'x' },
    isVisible: expect.any(Function),
  });
});

test('a page that cannot be is bad input', async () => {
  const app = await startApp();
  const foreign = Buffer.from('../x').toString('base64url');
  const pages = [
    'first: 0',
    'first: -1',
    'first: 101',
    'after: ""',
    'after: "a"',
    `after: "${foreign}"`,
    'after: "YQ=="',
  ];
  for (const page of pages) {
    const reply = await app.post(`{ sessions(${page}) { totalCount } }`);
    expect(codesOf(reply), page).toEqual(['BAD_USER_INPUT']);
  }
  expect(app.sessions.calls).toEqual([]);
});

interface SessionList {
  readonly edges: { cursor: string; node: { id: string } }[];
  readonly pageInfo: { endCursor: string; startCursor: string };
}
