import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MemoryDisk } from '../../contract/memory-store.ts';
import { until } from '../../support/condition.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { pair, type SessionScene, startSessionScene, waitForStatus } from '../../support/session-scene.ts';

const HOUR_MS = 60 * 60_000;

let scene: SessionScene;
beforeEach(async () => {
  scene = await startSessionScene();
});
afterEach(() => scene.close());

/** Everything that Baileys keeps; what we note beside it changes with every connection. */
function authEntries({ copies }: MemoryDisk): [string, string][] {
  const entries = [...(copies.get('shop')?.entries ?? [])];
  return entries
    .filter(([name]) => !/^(record|history)/.test(name))
    .map(([name, value]): [string, string] => [name, Buffer.from(value).toString('base64')])
    .sort();
}

it('law 13: an hour without a network changes not one byte of the login, and ends by itself', async () => {
  const before = await scene.startManager();
  await pair(before, scene.phone);
  await before.shutdown();
  const clock = createFakeClock();
  let manager: typeof before | undefined;
  void scene.startManager({ clock, random: () => 0.5 }).then(started => {
    manager = started;
  });
  await until('it has started', () => clock.advance(100).then(() => manager !== undefined));
  if (!manager) throw new Error('it has started');
  await waitForStatus(manager, 'shop', 'CONNECTED');
  await until(
    'nothing is written any more',
    async () => (await manager?.readSession('shop'))?.pendingWrites === 0,
  );

  const known = authEntries(scene.first.disk);
  const letIn = scene.simulator.refuseUpgrades(502);
  for (const device of scene.phone.devices) device.disconnect('reset');
  await waitForStatus(manager, 'shop', 'RECONNECTING');
  let attempts = 0;
  const changes = manager.watchStatus({ id: 'shop' });
  void (async () => {
    for await (const { reason } of changes) if (reason?.retryAt) attempts += 1;
  })();
  const backAt = clock.now() + HOUR_MS;
  while (clock.now() < backAt) await clock.advance(1_000);
  expect(known.length).toBeGreaterThan(10);
  expect(authEntries(scene.first.disk)).toEqual(known);
  expect(attempts).toBeGreaterThan(50);
  expect((await manager.readSession('shop'))?.status).toBe('RECONNECTING');

  letIn();
  await until('it is back', () =>
    clock.advance(1_000).then(async () => (await manager?.readSession('shop'))?.status === 'CONNECTED'),
  );
});
