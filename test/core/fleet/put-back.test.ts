import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../../support/condition.ts';
import { type FleetScene, type FleetServer, startFleetScene } from '../../support/fleet-scene.ts';
import { collectTexts, pair, waitForStatus } from '../../support/session-scene.ts';

const BACKUPS = [{ made: 'before its owner came' }, { made: 'while its owner ran it' }] as const;

let scene: FleetScene;
beforeEach(async () => {
  scene = await startFleetScene();
});
afterEach(() => scene.close());

/** Without anybody's asking for the session. */
async function looksInPassing({ shared }: FleetServer): Promise<void> {
  const looks = () => shared.calls.filter(({ operation }) => operation === 'readHead').length;
  const before = looks();
  await until('it has looked at the session', () => looks() > before);
}

/**
 * The second server runs the session, and the first one, which has an older copy on its disk, has looked at it. Then an
 * older backup of the database comes, and the second one is gone before it reaches it.
 */
async function loseTheOwner(made: (typeof BACKUPS)[number]['made']) {
  const [one, two] = [await scene.start('one'), await scene.start('two')];
  await pair(one.manager, scene.phone);
  await waitForStatus(two.manager, 'shop', 'STANDBY');
  const early = one.shared.backUp();
  await one.manager.shutdown();
  const { epoch } = await waitForStatus(two.manager, 'shop', 'CONNECTED');
  const late = two.shared.backUp();

  const standby = await scene.start('one', { file: one.file });
  const texts = collectTexts(two.manager);
  await scene.contact.sendText(scene.phone, 'to the owner');
  await until('it arrived', () => texts.includes('to the owner'));
  await looksInPassing(standby);

  two.shared.goDown();
  (made === 'before its owner came' ? early : late)();
  await two.manager.shutdown();
  return { standby, owner: two, epoch };
}

it.each(BACKUPS)(
  'law 6: a backup $made, put back before anybody could stop it, is not run by who had seen more',
  async ({ made }) => {
    const { standby, owner } = await loseTheOwner(made);
    const { statusReason } = await waitForStatus(standby.manager, 'shop', 'FAILED');
    expect(statusReason?.code).toBe('STORE_STALE');

    const again = await scene.start('two', { file: owner.file });
    const texts = collectTexts(again.manager);
    await waitForStatus(again.manager, 'shop', 'CONNECTED');
    await scene.contact.sendText(scene.phone, 'to whoever has it now');
    await until('it arrived', () => texts.includes('to whoever has it now'));
    expect(scene.simulator.anomalies).toEqual([]);
  },
);

it('law 1: no epoch is issued twice where the leases went back as well', async () => {
  const { standby, epoch } = await loseTheOwner('before its owner came');
  await waitForStatus(standby.manager, 'shop', 'FAILED');
  const asked = standby.shared.calls.filter(({ operation }) => operation === 'acquireLease');
  expect(asked[0]?.argument).toMatchObject({ above: epoch });
});

it('a session that is kept out of the database is none the worse for it', async () => {
  const [one] = [await scene.start('one'), await scene.start('two')];
  await pair(one.manager, scene.phone);
  await one.manager.deleteSession({ id: 'shop', stores: ['shared'] });
  await waitForStatus(one.manager, 'shop', 'CONNECTED');
  await one.manager.stopSession('shop');
  await one.manager.startSession({ id: 'shop', takeOver: false });
  await waitForStatus(one.manager, 'shop', 'CONNECTED');
  const { events } = await one.manager.readHistory('shop', { first: 20 });
  expect(events.map(({ reason }) => reason?.code)).not.toContain('POSSIBLY_BEHIND');
});
