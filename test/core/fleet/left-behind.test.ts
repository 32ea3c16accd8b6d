import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../../support/condition.ts';
import { type FleetScene, type FleetServer, startFleetScene } from '../../support/fleet-scene.ts';
import { waitForStatus } from '../../support/session-scene.ts';

let scene: FleetScene;
beforeEach(async () => {
  scene = await startFleetScene();
});
afterEach(() => scene.close());

/** The sessions that a server tells to be deleted, as often as it does. */
function collectDeletions({ manager }: FleetServer): string[] {
  const deleted: string[] = [];
  const deletions = manager.watchDeletions({ isVisible: () => true });
  void (async () => {
    for await (const id of deletions) deleted.push(id);
  })();
  return deleted;
}

/** What happens meanwhile is over before the server looks at the leases again. */
async function betweenTwoLooks({ shared }: FleetServer, work: () => Promise<void>): Promise<void> {
  const asked = () => shared.calls.filter(({ operation }) => operation === 'listLeases').length;
  const before = asked();
  const release = shared.hold('listLeases');
  await until('it is about to look', () => asked() > before);
  await work();
  release();
}

/** The first server takes the session, and stops before the second one hears of it. */
async function expectTakenUp(
  one: FleetServer,
  two: FleetServer,
  take: () => Promise<unknown>,
): Promise<void> {
  // To read it would be to find it.
  const statuses = two.manager.watchStatus({ isVisible: () => true });
  await betweenTwoLooks(two, async () => {
    await take();
    await waitForStatus(one.manager, 'shop', 'PAIRING');
    await one.manager.shutdown();
  });
  for await (const { status } of statuses) if (status === 'PAIRING') break;
  expect(await two.manager.readSession('shop')).toMatchObject({ status: 'PAIRING', heldBy: 'two' });
}

it('a session that was made and let go of between two looks at the leases is run by who is left', async () => {
  const [one, two] = [await scene.start('one'), await scene.start('two')];
  await expectTakenUp(one, two, () => one.manager.createSession({ id: 'shop' }));
});

it('a session at rest that was started and let go of between two looks is run by who is left', async () => {
  const [one, two] = [await scene.start('one'), await scene.start('two')];
  await one.manager.createSession({ id: 'shop' });
  await waitForStatus(one.manager, 'shop', 'PAIRING');
  await one.manager.stopSession('shop');
  await waitForStatus(two.manager, 'shop', 'STOPPED');
  await expectTakenUp(one, two, () => one.manager.startSession({ id: 'shop', takeOver: false }));
});

it('law 8: a deletion that can not be told to every store shows no session, again and again', async () => {
  const [one, two] = [await scene.start('one'), await scene.start('two')];
  await one.manager.createSession({ id: 'shop' });
  await waitForStatus(one.manager, 'shop', 'PAIRING');
  await one.manager.shutdown();
  await waitForStatus(two.manager, 'shop', 'PAIRING');
  await two.manager.deleteSession({ id: 'shop' });

  // The disk of this one still has it, and takes nothing.
  one.file.failNext('replaceSession', 'STORE_UNAVAILABLE', 50);
  const tries = () => one.file.calls.filter(({ operation }) => operation === 'replaceSession').length;
  const untold = tries();
  const again = await scene.start('one', { file: one.file });
  const deleted = collectDeletions(again);
  const tried = tries();
  expect(tried).toBeGreaterThan(untold);
  for (let look = 0; look < 3; look += 1) {
    const { sessions } = await again.manager.listSessions({ first: 10, isVisible: () => true });
    expect(sessions).toEqual([]);
  }
  expect(deleted).toEqual([]);
  // Each try takes the lease.
  expect(tries()).toBe(tried);
});

it('a deletion is told once, whoever asks for the session meanwhile', async () => {
  const one = await scene.start('one');
  const deleted = collectDeletions(one);
  await one.manager.createSession({ id: 'shop' });
  await waitForStatus(one.manager, 'shop', 'PAIRING');
  const replacements = () =>
    one.shared.calls.filter(({ operation }) => operation === 'replaceSession').length;
  const before = replacements();
  const release = one.shared.hold('replaceSession');
  const deleting = one.manager.deleteSession({ id: 'shop' });
  await until('it is being deleted', () => replacements() > before);
  const reading = [1, 2, 3].map(() => one.manager.readSession('shop'));
  release();
  await deleting;
  expect(await Promise.all(reading)).toEqual([undefined, undefined, undefined]);
  expect(deleted).toEqual(['shop']);
});
