import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { STREAM_ERRORS } from '../../../src/simulator/stream-error.ts';
import { until } from '../../support/condition.ts';
import {
  collectTexts,
  pair,
  type SessionScene,
  startSessionScene,
  waitForStatus,
} from '../../support/session-scene.ts';

let scene: SessionScene;
beforeEach(async () => {
  scene = await startSessionScene();
});
afterEach(() => scene.close());

it('nobody scans: PAIRING_EXPIRED, and a start shows a new code', async () => {
  const manager = await scene.startManager({ qrTimeout: 30 });
  await manager.createSession({ id: 'shop' });
  const view = await waitForStatus(manager, 'shop', 'PAIRING_EXPIRED');
  expect(view).toMatchObject({ statusReason: { code: 'PAIRING_EXPIRED' }, linked: false });
  expect(view.qr).toBeUndefined();
  const codes = manager.watchQr('shop');
  await manager.startSession({ id: 'shop', takeOver: false });
  expect((await codes.next()).value).toMatchObject({ ordinal: 1 });
});

it('replaced by another program: tried again, and nothing is lost', async () => {
  const manager = await scene.startManager();
  const device = await pair(manager, scene.phone);
  device.streamError(STREAM_ERRORS.replaced);
  const view = await waitForStatus(manager, 'shop', 'RECONNECTING');
  expect(view.statusReason?.code).toBe('CONNECTION_REPLACED');
  await waitForStatus(manager, 'shop', 'CONNECTED');
});

it('a frame that cannot be decrypted ends its connection, which is made again, and nothing else', async () => {
  const manager = await scene.startManager();
  const device = await pair(manager, scene.phone);
  const before = scene.simulator.logins;
  device.sendGarbage();
  await until('it logged in again', () => scene.simulator.logins > before);
  await waitForStatus(manager, 'shop', 'CONNECTED');
  const texts = collectTexts(manager);
  await scene.contact.sendText(scene.phone, 'after the garbage');
  await until('messages come', () => texts.includes('after the garbage'));
});

it('law 13: unlinked by the phone: LOGGED_OUT, nothing is deleted, nothing is tried', async () => {
  const manager = await scene.startManager();
  const device = await pair(manager, scene.phone);
  const before = scene.simulator.logins;
  scene.phone.removeDevice(device);
  const view = await waitForStatus(manager, 'shop', 'LOGGED_OUT');
  expect(view).toMatchObject({ linked: false, statusReason: { code: 'DEVICE_REMOVED' } });
  expect(scene.simulator.logins).toBe(before);
  await manager.shutdown();
  const again = await scene.startManager();
  expect(await again.readSession('shop')).toMatchObject({ status: 'LOGGED_OUT' });
});

it('stopped and started again; what was stopped stays stopped over a boot', async () => {
  const manager = await scene.startManager();
  await pair(manager, scene.phone);
  expect(await manager.stopSession('shop')).toMatchObject({ status: 'STOPPED', desiredState: 'STOPPED' });
  await manager.shutdown();
  const again = await scene.startManager();
  expect(await again.readSession('shop')).toMatchObject({ status: 'STOPPED', linked: true });
  await again.startSession({ id: 'shop', takeOver: false });
  await waitForStatus(again, 'shop', 'CONNECTED');
});

it('an endpoint that accepts and says nothing is given up at the connect deadline, and tried again', async () => {
  let connections = 0;
  const silent = createServer(() => {
    connections += 1;
  });
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const manager = await scene.startManager({ url: `ws://127.0.0.1:${port}`, silenceMs: 100 });
  await manager.createSession({ id: 'shop' });
  const view = await waitForStatus(manager, 'shop', 'RECONNECTING');
  expect(view.statusReason?.code).toBe('CONNECTION_LOST');
  await until('it was tried three times', () => connections >= 3);
  silent.close();
});

it('law 13: a session that is damaged in every store is FAILED, is not overwritten, and delays no other', async () => {
  const manager = await scene.startManager();
  await pair(manager, scene.phone, 'good');
  await manager.createSession({ id: 'bad' });
  await manager.shutdown();
  const damaged = [scene.first, scene.second].map(({ disk }) => {
    const copy = disk.copies.get('bad');
    if (!copy) throw new Error('it was written');
    disk.copies.set('bad', { ...copy, damaged: true });
    return copy.entries;
  });
  const again = await scene.startManager();
  await waitForStatus(again, 'good', 'CONNECTED');
  const { sessions } = await again.listSessions({ isVisible: () => true, first: 10 });
  expect(sessions.map(({ id }) => id)).toEqual(['bad', 'good']);
  expect(await waitForStatus(again, 'bad', 'FAILED')).toMatchObject({
    statusReason: { code: 'SESSION_CORRUPT' },
  });
  for (const [place, { disk }] of [scene.first, scene.second].entries()) {
    expect(disk.copies.get('bad')?.entries).toBe(damaged[place]);
  }
});

it('tells whether a linked session works: what it heard, what it read, and what it could not read', async () => {
  const manager = await scene.startManager();
  await pair(manager, scene.phone);
  const texts = collectTexts(manager);
  await scene.contact.sendText(scene.phone, 'illegible at first', { damage: 'first-transmission' });
  await until('it was sent again', () => texts.includes('illegible at first'));
  const view = await manager.readSession('shop');
  expect(view).toMatchObject({ decryptFailures: 1, pendingWrites: 0, oldestPendingWriteMs: 0 });
  const { lastFrameAt, lastDecryptedAt, createdAt } = view ?? {};
  expect(lastDecryptedAt?.getTime()).toBeGreaterThan(createdAt?.getTime() ?? Number.NaN);
  expect(lastFrameAt?.getTime()).toBeGreaterThan(createdAt?.getTime() ?? Number.NaN);
});

it('a text that is being sent when its session is stopped is refused at once, and goes out by a repetition', {
  timeout: 20_000,
}, async () => {
  const { simulator, contact, phone } = scene;
  const manager = await scene.startManager();
  const device = await pair(manager, phone);
  await device.idle();
  let isAsked = false;
  const endSilence = simulator.intercept(({ direction, node }) => {
    if (direction !== 'from-client' || node.tag !== 'iq') return undefined;
    isAsked = true;
    return 'drop';
  });
  const message = { id: 'shop', to: contact.jid, text: 'twice asked', messageId: 'M1' };
  const sending = manager.sendText(message).catch(({ code }) => code);
  await until('it asks for the devices of the contact', () => isAsked);
  await manager.stopSession('shop');
  expect(await sending).toBe('SESSION_NOT_CONNECTED');
  endSilence();
  await manager.startSession({ id: 'shop', takeOver: false });
  await waitForStatus(manager, 'shop', 'CONNECTED');
  await manager.sendText(message);
  await contact.waitForText('twice asked');
});

it('law 9: a store that is too slow, and one that refuses, end the session under different names', async () => {
  const manager = await scene.startManager({ storeDeadlineMs: 100 });
  await pair(manager, scene.phone);
  const names: (string | undefined)[] = [];
  const changes = manager.watchStatus({ id: 'shop' });
  void (async () => {
    for await (const { status, reason } of changes) if (status === 'RECONNECTING') names.push(reason?.code);
  })();
  const release = scene.second.hold('applyChange');
  await scene.contact.sendText(scene.phone, 'slow');
  await until('the slow one is told', () => names.includes('STORE_SLOW'));
  release();
  await waitForStatus(manager, 'shop', 'CONNECTED');
  scene.second.goDown();
  await scene.contact.sendText(scene.phone, 'down');
  await until('the other one is told', () => names.includes('STORE_UNAVAILABLE'));
  scene.second.comeUp();
  await waitForStatus(manager, 'shop', 'CONNECTED');
});

it('a server that is stopped while it looks for its sessions starts none of them, and holds none', async () => {
  const before = await scene.startManager();
  for (const id of ['one', 'two', 'three']) await before.createSession({ id });
  for (const id of ['one', 'two', 'three']) await waitForStatus(before, id, 'PAIRING');
  await before.shutdown();

  const manager = scene.createManager();
  const calls = scene.second.calls.length;
  const release = scene.second.hold('readHead');
  const booted = manager.boot();
  await until('it looks for them', () =>
    scene.second.calls.some(({ operation }, place) => operation === 'readHead' && place >= calls),
  );
  await manager.shutdown();
  release();
  await booted;
  expect(manager.knownSessions().filter(({ status }) => status !== 'STOPPED')).toEqual([]);
  expect(manager.knownSessions().length).toBeLessThan(3);
  for (const id of ['one', 'two', 'three']) expect(await scene.first.leases.readLease(id)).toBeUndefined();
});
