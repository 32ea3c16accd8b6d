import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SessionManager } from '../../../src/core/sessions/session-manager.ts';
import { valuesOf } from '../../contract/sample-changes.ts';
import { until } from '../../support/condition.ts';
import { pair, type SessionScene, startSessionScene, waitForStatus } from '../../support/session-scene.ts';

const ID = 'shop';

let scene: SessionScene;
beforeEach(async () => {
  scene = await startSessionScene();
});
afterEach(() => scene.close());

async function startWithSession(awaited?: readonly string[]): Promise<SessionManager> {
  const manager = await scene.startManager(awaited ? { awaited } : {});
  await manager.createSession({ id: ID });
  await waitForStatus(manager, ID, 'PAIRING');
  return manager;
}

const statesOf = async (manager: SessionManager) => (await manager.readCopies(ID)).map(({ state }) => state);

it.each<[string, (manager: SessionManager) => Promise<unknown>]>([
  ['synced', manager => manager.syncSession({ id: ID })],
  ['synced to a store that it excluded', manager => manager.syncSession({ id: ID, store: 'second' })],
  ['restored', manager => manager.restoreSession({ id: ID, acceptStale: false })],
  ['deleted from one store', manager => manager.deleteSession({ id: ID, stores: ['second'] })],
])('a session that is stopped and then %s is held by nobody', async (what, call) => {
  const manager = await startWithSession();
  await manager.stopSession(ID);
  if (what.includes('excluded')) await manager.deleteSession({ id: ID, stores: ['second'] });
  await call(manager);
  expect(await manager.readSession(ID)).toMatchObject({ status: 'STOPPED' });
  expect((await manager.readSession(ID))?.heldBy).toBeUndefined();
  expect(await scene.first.leases.readLease(ID)).toBeUndefined();
});

it('a session that is restored while it is being stopped is held by nobody when both are done', async () => {
  const manager = await startWithSession();
  const stopped = manager.stopSession(ID);
  await Promise.all([
    stopped,
    manager.restoreSession({ id: ID, acceptStale: false }),
    manager.syncSession({ id: ID }),
  ]);
  expect(await manager.readSession(ID)).toMatchObject({ status: 'STOPPED' });
  expect(await scene.first.leases.readLease(ID)).toBeUndefined();
});

it('what is told of a restore is in the history of a session that is stopped', async () => {
  const manager = await startWithSession();
  await manager.stopSession(ID);
  await manager.restoreSession({ id: ID, acceptStale: false });
  const { events } = await manager.readHistory(ID, { first: 50 });
  expect(events.map(({ reason }) => reason?.code)).toContain('RESTORED');
});

it('law 6: the only store that has everything is not told to forget a session', async () => {
  const manager = await startWithSession(['first']);
  // It answers, and takes nothing.
  const release = [scene.second.hold('applyChange'), scene.second.hold('replaceSession')];
  const deletion = manager.deleteSession({ id: ID, stores: ['first'] });
  await expect(deletion).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await waitForStatus(manager, ID, 'PAIRING');
  expect(scene.first.disk.copies.get(ID)?.head?.deleted).toBe(false);

  for (const letGo of release) letGo();
  await until('both have it', async () => (await statesOf(manager)).every(state => state === 'IN_SYNC'));
  const before = await valuesOf(scene.first, ID);
  await manager.deleteSession({ id: ID, stores: ['first'] });
  expect(await statesOf(manager)).toEqual(['EXCLUDED', 'IN_SYNC']);
  expect(Object.keys((await valuesOf(scene.second, ID)) ?? {})).toEqual(
    expect.arrayContaining(Object.keys(before ?? {})),
  );
});

it('law 6: a store is not given up where the others are excluded, whatever they still hold', async () => {
  const manager = await startWithSession(['first']);
  scene.second.failNext('replaceSession', 'STORE_UNAVAILABLE', 100);
  expect(await manager.deleteSession({ id: ID, stores: ['second'] })).toMatchObject({
    pendingIn: ['second'],
  });
  const deletion = manager.deleteSession({ id: ID, stores: ['first'] });
  await expect(deletion).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  await waitForStatus(manager, ID, 'PAIRING');
});

it('law 6: a server that dies while the last good store is being given up has not given it up', async () => {
  const manager = await startWithSession(['first']);
  const release = [scene.second.hold('applyChange'), scene.second.hold('replaceSession')];
  let isOver = false;
  const deletion = manager.deleteSession({ id: ID, stores: ['first'] }).finally(() => {
    isOver = true;
  });
  deletion.catch(() => {});
  const seen = new Set<string>();
  await until('nobody tries any more', async () => {
    for (const state of await statesOf(scene.createManager())) seen.add(state);
    return isOver;
  });
  for (const letGo of release) letGo();
  await expect(deletion).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect([...seen]).not.toContain('EXCLUDED');
});

it('a session that waits for somebody to accept its copy runs when it was restored', async () => {
  const before = await startWithSession(['first']);
  await until('both have it', async () => (await statesOf(before)).every(state => state === 'IN_SYNC'));
  scene.second.goDown();
  await before.shutdown();
  scene.first.wipe();
  scene.second.comeUp();
  const manager = await scene.startManager({ startWithoutStores: 'refuse', awaited: ['first'] });
  const { statusReason } = await waitForStatus(manager, ID, 'FAILED');
  expect(statusReason?.code).toBe('STORE_STALE');
  await manager.restoreSession({ id: ID, acceptStale: true });
  await waitForStatus(manager, ID, 'PAIRING');
});

it('a session that is paired anew on the server that saw its logout keeps its whole history, and adds to it', async () => {
  const manager = await scene.startManager();
  const device = await pair(manager, scene.phone);
  // Each start and stop is told: more than one page of the history.
  for (let turn = 0; turn < 10; turn += 1) {
    await manager.stopSession(ID);
    await manager.startSession({ id: ID, takeOver: false });
    await waitForStatus(manager, ID, 'CONNECTED');
  }
  const read = async () => (await manager.readHistory(ID, { first: 200 })).events;
  scene.phone.removeDevice(device);
  await waitForStatus(manager, ID, 'LOGGED_OUT');
  const before = await until('the logout is told', async () => {
    const events = await read();
    return events[0]?.status === 'LOGGED_OUT' && events;
  });
  await manager.startSession({ id: ID, takeOver: false });
  await waitForStatus(manager, ID, 'PAIRING');
  const after = await until('the pairing is told', async () => {
    const events = await read();
    return events[0]?.status === 'PAIRING' && events;
  });
  expect(before.length).toBeGreaterThan(20);
  expect(after.slice(-before.length)).toEqual(before);
});
