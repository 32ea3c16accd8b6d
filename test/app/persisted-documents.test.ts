import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadPersistedDocuments } from '../../src/app/persisted-documents.ts';
import { createFakeSessions, sessionView } from './fake-sessions.ts';
import { openRawSocket } from './raw-socket.ts';
import { bearer, codesOf, collect, startApp, tokenFor } from './test-app.ts';

const STORES = 'query Stores { stores { name } }';
const STATUS = 'subscription Status { sessionStatusChanged { status } }';
const documents = new Map([
  ['stores', STORES],
  ['status', STATUS],
]);
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const start = () => startApp({ documents, sessions: createFakeSessions(sessionView('shop')) });

describe('where only persisted documents run', () => {
  test('over HTTP one runs by its id, its hash or its text', async () => {
    const app = await start();
    const headers = { authorization: await bearer(), 'content-type': 'application/json' };
    const requests = [
      { documentId: 'stores' },
      { documentId: hashOf(STORES) },
      { extensions: { persistedQuery: { version: 1, sha256Hash: hashOf(STORES) } } },
      { query: STORES },
      { query: 'query Stores {\n  stores {\n    name\n  }\n}\n', operationName: 'Stores' },
    ];
    for (const request of requests) {
      const reply = await fetch(app.url, { method: 'POST', headers, body: JSON.stringify(request) });
      expect(await reply.json(), JSON.stringify(request)).toEqual({ data: { stores: [{ name: 'file' }] } });
    }
  });

  const foreign = [
    '{ stores { name } }',
    'query Stores { stores { name healthy } }',
    'subscription Status { sessionStatusChanged { status at } }',
    '{ __typename }',
    '{ "bad',
  ];
  test.each(foreign)('F5: %s is refused over HTTP, server-sent events and WebSocket', async query => {
    const app = await start();
    const reply = await app.post(query);
    expect(reply.status).toBe(400);
    expect(codesOf(reply)).toEqual(['BAD_USER_INPUT']);
    const streamed = await collect(app.stream(query, { token: await tokenFor() }));
    expect(streamed.flatMap(codesOf).filter(code => code !== 'BAD_USER_INPUT')).toEqual([]);
    const socket = await openRawSocket(app, {}, { authorization: await bearer() });
    await socket.message({ type: 'connection_ack' });
    socket.subscribe('1', query);
    expect(await socket.message({ id: '1' })).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
    expect(app.sessions.calls).toEqual([]);
  });

  test('an id that is none of theirs is refused, and so is one beside a text of its own', async () => {
    const app = await start();
    const headers = { authorization: await bearer(), 'content-type': 'application/json' };
    const requests = [
      { documentId: 'constructor' },
      { documentId: 7 },
      { documentId: 'stores', query: '{ stores { name error } }' },
      { query: '', extensions: { persistedQuery: null } },
    ];
    for (const request of requests) {
      const reply = await fetch(app.url, { method: 'POST', headers, body: JSON.stringify(request) });
      expect(reply.status, JSON.stringify(request)).toBe(400);
    }
    expect(app.sessions.calls).toEqual([]);
  });

  test('over WebSocket a subscription runs by its hash or its text', async () => {
    const app = await start();
    const socket = await openRawSocket(app, {}, { authorization: await bearer() });
    await socket.message({ type: 'connection_ack' });
    socket.subscribe('text', STATUS);
    await app.sessions.nextCall();
    const extensions = { persistedQuery: { sha256Hash: hashOf(STATUS) } };
    socket.send({ id: 'hash', type: 'subscribe', payload: { query: '', extensions } });
    await app.sessions.nextCall();
    expect(app.sessions.statusStreams).toHaveLength(2);
  });
});

describe('documents are loaded', () => {
  async function folder(files: Record<string, string>): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'documents-'));
    onTestFinished(() => rm(path, { recursive: true }));
    await mkdir(join(path, 'more'));
    for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
    return path;
  }

  test('from a manifest, and from folders of documents', async () => {
    const path = await folder({
      'manifest.json': JSON.stringify({ one: STORES }),
      'more/status.graphql': STATUS,
      'README.md': 'not GraphQL',
    });
    const loaded = await loadPersistedDocuments([path]);
    expect([...loaded]).toEqual([
      ['one', STORES],
      [hashOf(STATUS), STATUS],
    ]);
    expect([...(await loadPersistedDocuments([join(path, 'manifest.json')])).keys()]).toEqual(['one']);
  });

  test.each([
    ['no JSON', { 'a.json': '{' }],
    ['other JSON', { 'a.json': '{ "a": 1 }' }],
    ['no GraphQL', { 'a.graphql': 'query {' }],
    ['nothing', { 'a.txt': STORES }],
  ])('%s fails the start', async (_name, files) => {
    const path = await folder(files);
    await expect(loadPersistedDocuments([path])).rejects.toThrow(/persisted documents/);
  });

  test('a path that is not there fails the start', async () => {
    await expect(loadPersistedDocuments(['no/such/file.json'])).rejects.toThrow('ENOENT');
  });
});
