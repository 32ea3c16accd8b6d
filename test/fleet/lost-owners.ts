import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/condition.ts';
import { createRandom } from '../support/seeded-random.ts';
import { dumpIfTestFails } from './dump.ts';
import { connectedOn, createFleet, type Fleet, LEASE_MS, standsBy } from './fleet.ts';
import { runPausedRounds } from './paused-rounds.ts';
import { startTraffic } from './traffic.ts';
import { FLAWLESS, judge } from './verdict.ts';

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

const ROUNDS_A_FLEET = 20;

export interface LostOwnersTest {
  /** Where PAUSED_ROUNDS says nothing. */
  readonly pausedRounds: number;
}

/** What becomes of sessions whose server dies, falls asleep or is cut off from the database. */
export function testLostOwners(databaseUrl: string, test: LostOwnersTest): void {
  const pausedRounds = Number(process.env.PAUSED_ROUNDS ?? test.pausedRounds);
  const pauseMs = 60;
  let fleet: Fleet;
  beforeEach(async () => {
    fleet = await createFleet({ databaseUrl, names: ['one', 'two'] });
    await fleet.server('one').start();
    await fleet.pair(2);
    await fleet.server('two').start();
    for (const { id } of fleet.sessions) await standsBy(fleet, id, 'two');
  });
  afterEach(() => fleet.close());

  it('an owner that is killed: another server has its sessions two seconds after their leases ended', async () => {
    const traffic = startTraffic(fleet, { pauseMs, random: createRandom(SEED) });
    await until('there is traffic', () => traffic.count > 10);
    const killedAt = Date.now();
    await fleet.server('one').kill();
    const backAt = await Promise.all(
      fleet.sessions.map(async ({ id }) => (await connectedOn(fleet, id, 'two')).at),
    );
    const tookMs = Math.max(...backAt) - killedAt;
    process.stdout.write(`killed: connected elsewhere after ${tookMs} ms, leases of ${LEASE_MS} ms\n`);
    expect(tookMs).toBeLessThan(LEASE_MS + 2_000);
    await traffic.stop();
    expect(await judge(fleet)).toMatchObject({ ...FLAWLESS, kicks: 0 });
  });

  // Each fleet has a database of its own: all that ever happened in one slows down those that have no indexes.
  describe.each(Array.from({ length: Math.ceil(pausedRounds / ROUNDS_A_FLEET) }, (_, number) => number))(
    'of fleet %i',
    number => {
      const seed = SEED + number;
      const rounds = Math.min(pausedRounds - number * ROUNDS_A_FLEET, ROUNDS_A_FLEET);
      const timeout = 30_000 + rounds * 15_000;

      it('law 1: an owner that was paused past its lease lands nothing', { timeout }, async () => {
        dumpIfTestFails(fleet);
        const report = await runPausedRounds(fleet, { rounds, random: createRandom(seed) });
        const verdict = await judge(fleet);
        process.stdout.write(`paused, seed ${seed}: ${JSON.stringify({ ...report, ...verdict })}\n`);
        expect(report).toMatchObject({ rounds, oldWrites: 0, disturbed: [] });
        expect(verdict).toMatchObject(FLAWLESS);
      });
    },
  );

  it('law 10: an owner that is cut off from the database ends its sockets before another one begins', async () => {
    const { proxy } = fleet.server('one');
    const traffic = startTraffic(fleet, { pauseMs, random: createRandom(SEED) });
    await until('there is traffic', () => traffic.count > 10);
    proxy.become({ kind: 'black-hole' });
    for (const { id } of fleet.sessions) await connectedOn(fleet, id, 'two');
    await traffic.stop();
    for (const { id } of fleet.sessions)
      expect(fleet.journal.newestStatus('one', id)?.status).not.toBe('CONNECTED');
    proxy.become({ kind: 'good' });
    // Bytes that were swallowed do not come back, as with a network whose connections have all died.
    proxy.resetAll();
    for (const { id } of fleet.sessions) expect((await standsBy(fleet, id, 'one')).heldBy).toBe('two');
    expect(await judge(fleet)).toMatchObject({ ...FLAWLESS, kicks: 0 });
  });
}
