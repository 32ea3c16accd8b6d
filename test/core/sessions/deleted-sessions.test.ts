import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../../support/condition.ts';
import { type SessionScene, startSessionScene, waitForStatus } from '../../support/session-scene.ts';

const ALL = { isVisible: () => true, first: 10 };

let scene: SessionScene;
beforeEach(async () => {
  scene = await startSessionScene();
});
afterEach(() => scene.close());

const looks = () => scene.second.calls.filter(({ operation }) => operation === 'readHead').length;

async function startWithDeleted(away?: 'second') {
  const manager = await scene.startManager();
  await manager.createSession({ id: 'shop' });
  await waitForStatus(manager, 'shop', 'PAIRING');
  if (away) scene.second.goDown();
  await manager.deleteSession({ id: 'shop' });
  return manager;
}

it('a list costs no more for what was deleted: every store knows, and is not asked again each time', async () => {
  const manager = await startWithDeleted();
  expect((await manager.listSessions(ALL)).sessions).toEqual([]);
  const before = looks();
  for (let count = 0; count < 5; count += 1) await manager.listSessions(ALL);
  expect(looks()).toBe(before);
});

it('law 8: a store that was away when it was deleted is told by the next list', async () => {
  const manager = await startWithDeleted('second');
  expect((await manager.listSessions(ALL)).sessions).toEqual([]);
  scene.second.comeUp();
  await until('the second store knows', async () => {
    await manager.listSessions(ALL);
    return scene.second.disk.copies.get('shop')?.head?.deleted;
  });
  expect((await manager.listSessions(ALL)).sessions).toEqual([]);
});
