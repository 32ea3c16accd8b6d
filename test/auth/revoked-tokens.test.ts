import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openRevokedTokens, revokeToken } from '../../src/auth/revoked-tokens.ts';
import { createAuthenticator } from '../../src/auth.ts';
import { createFakeSessions, qrCode, sessionView } from '../app/fake-sessions.ts';
import { openRawSocket } from '../app/raw-socket.ts';
import {
  bearer,
  codesOf,
  collect,
  eventually,
  SECRET,
  startApp,
  subscribe,
  TRANSPORTS,
  tokenFor,
} from '../app/test-app.ts';

const QR = 'subscription { sessionQrIssued(id: "shop") { data } }';

async function listFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'revoked-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'nested', 'revoked-tokens');
}

async function start() {
  const path = await listFile();
  const failures: Error[] = [];
  const revoked = await openRevokedTokens({
    path,
    onFailure: error => void failures.push(error),
    pollMs: 20,
  });
  onTestFinished(revoked.close);
  const authenticate = createAuthenticator({ secret: SECRET }, { revoked });
  const app = await startApp({ authenticate, sessions: createFakeSessions(sessionView('shop')) });
  return { path, failures, revoked, app };
}

test('a token is refused once its id is in the list, and others are not', async () => {
  const { path, app } = await start();
  const [one, other] = [await tokenFor({ tokenId: 'one' }), await tokenFor({ tokenId: 'other' })];
  const status = async (token: string) => (await app.post('{ stores { name } }', { token })).status;
  expect([await status(one), await status(other)]).toEqual([200, 200]);
  await revokeToken(path, 'one');
  await eventually(async () => expect(await status(one)).toBe(401));
  expect(await status(other)).toBe(200);
});

test.each(TRANSPORTS)(
  'attack: a token that is revoked in mid-stream ends its subscription over %s',
  async transport => {
    const { path, app } = await start();
    const values = collect(subscribe(app, transport, QR, { tokenId: 'stolen' }));
    const other = subscribe(app, transport, QR, { tokenId: 'mine' });
    const next = other.next();
    await eventually(() => expect(app.sessions.qrStreams).toHaveLength(2));
    const targets = [...app.sessions.qrStreams];
    await revokeToken(path, 'stolen');
    expect((await values).map(codesOf)).toEqual([['UNAUTHENTICATED']]);
    await eventually(() => expect(targets.filter(stream => stream.isReturned)).toHaveLength(1));
    targets.find(stream => !stream.isReturned)?.push(qrCode('still mine'));
    expect((await next).value?.data).toEqual({ sessionQrIssued: { data: 'still mine' } });
  },
);

test('nothing new runs on a socket whose token was revoked', async () => {
  const { path, revoked, app } = await start();
  const socket = await openRawSocket(app, {}, { authorization: await bearer({ tokenId: 'stolen' }) });
  await socket.message({ type: 'connection_ack' });
  await revokeToken(path, 'stolen');
  await eventually(() => expect(revoked.has('stolen')).toBe(true));
  socket.subscribe('1', QR);
  expect(await socket.message({ id: '1' })).toMatchObject({
    type: 'error',
    payload: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });
  expect(app.sessions.calls).toEqual([]);
});

test('the list is a text: remarks, blank lines, and a last line without an end', async () => {
  const { path, revoked } = await start();
  await revokeToken(path, 'first');
  await writeFile(path, '# stolen laptops\n\none  because\r\n  two # and why');
  await revokeToken(path, 'three');
  await eventually(() => expect(['one', 'two', 'three'].map(revoked.has)).toEqual([true, true, true]));
  expect(['first', 'stolen', '#', ''].map(revoked.has)).toEqual([false, false, false, false]);
  expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(6);
});

test('a list that cannot be read fails the start, and later keeps out whom it kept out', async () => {
  const { path, failures, revoked } = await start();
  await expect(openRevokedTokens({ path: tmpdir(), onFailure: () => {} })).rejects.toThrow('cannot be read');
  await revokeToken(path, 'one');
  await eventually(() => expect(revoked.has('one')).toBe(true));
  await rm(path);
  const { mkdir } = await import('node:fs/promises');
  await mkdir(path);
  await eventually(() => expect(failures).not.toEqual([]));
  expect(revoked.has('one')).toBe(true);
});
