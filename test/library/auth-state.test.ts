import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { freshCreds } from '../../src/core/baileys/auth-state.ts';
import { decodeCreds, encodeBaileys } from '../../src/core/baileys/codec.ts';
import { writeMultiFileFolder } from '../../src/export/multi-file-folder.ts';
import { type AuthStateOptions, openAuthState } from '../../src/library.ts';
import { openFileStore } from '../../src/plugins/store-file/index.ts';
import { createFaultyStore } from '../contract/faulty-store.ts';

const SECRET = 'a passphrase of some length';
const device = { '15550002': ['0'] };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sessiongraph-library-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function options(changed: Partial<AuthStateOptions> = {}): AuthStateOptions {
  return { stores: [join(folder, 'auth')], onFailure: () => {}, ...changed };
}

it('keeps credentials and keys in one directory with nothing else to configure', async () => {
  const first = await openAuthState(options());
  first.state.creds.routingInfo = Buffer.of(7);
  await first.saveCreds();
  await first.state.keys.set({ 'device-list': device });
  await first.close();

  const again = await openAuthState(options());
  expect(again.state.creds.noiseKey).toEqual(first.state.creds.noiseKey);
  expect(again.state.creds.routingInfo).toEqual(Buffer.of(7));
  expect(await again.state.keys.get('device-list', ['15550002', '1'])).toEqual(device);
  await again.close();
});

it('opened again for the next socket, refuses what the last one still writes', async () => {
  const last = await openAuthState(options());
  const next = await openAuthState(options());
  expect(next.state.creds.noiseKey).toEqual(last.state.creds.noiseKey);
  await expect(last.saveCreds()).rejects.toMatchObject({ code: 'SESSION_NOT_CONNECTED' });
  await expect(last.state.keys.set({ 'device-list': device })).rejects.toThrow();
  await next.state.keys.set({ 'device-list': device });
  await next.close();
});

it('holds several sessions in one directory, which is free again when the last one is closed', async () => {
  const [one, other] = await Promise.all([
    openAuthState(options({ id: 'one' })),
    openAuthState(options({ id: 'other' })),
  ]);
  expect(one.state.creds.noiseKey).not.toEqual(other.state.creds.noiseKey);
  await one.close();
  const open = () => openFileStore({ name: 'file', directory: join(folder, 'auth') });
  await expect(open()).rejects.toMatchObject({ code: 'SESSION_HELD_ELSEWHERE' });
  await other.close();
  await (await open()).close();
});

it('tells when the stores fail, refuses from then on, and goes on where it is opened again', async () => {
  const [first, second] = [createFaultyStore('first'), createFaultyStore('second')];
  const onFailure = vi.fn();
  const given = options({ stores: [first, second], secret: SECRET, storeDeadlineMs: 100, onFailure });
  const state = await openAuthState(given);
  second.goDown();
  await expect(state.state.keys.set({ 'device-list': device })).rejects.toThrow();
  expect(onFailure).toHaveBeenCalledOnce();
  second.comeUp();
  await expect(state.saveCreds()).rejects.toThrow();

  const again = await openAuthState(given);
  await again.state.keys.set({ 'device-list': device });
  expect(await again.state.keys.get('device-list', ['15550002'])).toEqual(device);
  await again.close();
});

it('makes no new login while a store cannot be asked', async () => {
  const [first, second] = [createFaultyStore('first'), createFaultyStore('second')];
  second.goDown();
  const given = options({ stores: [first, second], secret: SECRET, storeDeadlineMs: 100 });
  await expect(openAuthState(given)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});

it('takes over what useMultiFileAuthState left in the first directory', async () => {
  const directory = join(folder, 'auth');
  const creds = decodeCreds(freshCreds());
  const linked = { ...creds, me: { id: '15550001:3@s.whatsapp.net' }, account: { details: Buffer.of(1) } };
  await writeMultiFileFolder(directory, [
    { type: 'creds', id: '', value: encodeBaileys(linked) },
    { type: 'device-list', id: '15550002', value: encodeBaileys(['0']) },
  ]);
  const onImport = vi.fn();
  const { state, close } = await openAuthState(options({ onImport }));
  expect(state.creds.noiseKey).toEqual(creds.noiseKey);
  expect(await state.keys.get('device-list', ['15550002'])).toEqual(device);
  expect(onImport).toHaveBeenCalledWith(expect.objectContaining({ kind: 'imported', sessionId: 'default' }));
  expect(await readdir(directory)).toContain('creds.json');
  await close();
});

it('starts over with another login, and only when it is asked to', async () => {
  const before = await openAuthState(options());
  await before.state.keys.set({ 'device-list': device });
  await before.startOver();
  const after = await openAuthState(options());
  expect(after.state.creds.noiseKey).not.toEqual(before.state.creds.noiseKey);
  expect(await after.state.keys.get('device-list', ['15550002'])).toEqual({});
  await after.close();
});

it.each([
  ['more than one store and no secret', { stores: ['a', 'b'] as const }],
  ['a short secret', { secret: 'short' }],
  ['a bad id', { id: '../x' }],
])('refuses %s', async (_, changed) => {
  await expect(openAuthState(options(changed))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});
