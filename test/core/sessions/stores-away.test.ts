import { afterEach, beforeEach, expect, it } from 'vitest';
import { type SessionScene, startSessionScene, waitForStatus } from '../../support/session-scene.ts';

let scene: SessionScene;
beforeEach(async () => {
  scene = await startSessionScene();
});
afterEach(() => scene.close());

it('law 5: a session is made while a store is down that it excludes, and not while one is that may have it', async () => {
  const manager = await scene.startManager();
  scene.second.goDown();
  await expect(manager.createSession({ id: 'shop' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await manager.createSession({ id: 'shop', excludeStores: ['second'] });
  await waitForStatus(manager, 'shop', 'PAIRING');
});

it('law 8: a session that is damaged in every copy there is can be deleted, and made anew', async () => {
  const before = await scene.startManager();
  await before.createSession({ id: 'shop' });
  await waitForStatus(before, 'shop', 'PAIRING');
  await before.shutdown();
  scene.first.wipe();
  scene.second.damage('shop');

  const manager = await scene.startManager();
  expect((await manager.readSession('shop'))?.statusReason?.code).toBe('SESSION_CORRUPT');
  expect(await manager.deleteSession({ id: 'shop' })).toMatchObject({ deletedFrom: ['first', 'second'] });
  await manager.createSession({ id: 'shop' });
  await waitForStatus(manager, 'shop', 'PAIRING');
});
