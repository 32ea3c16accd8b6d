import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { startDatabase } from '../support/database-server.ts';
import { createRandom } from '../support/seeded-random.ts';
import { describeWithOwnServer } from '../support/services.ts';
import { endWithTest } from './end-with-test.ts';
import { connectedOn, createFleet, type Fleet } from './fleet.ts';
import { runRandomFaults } from './random-faults.ts';
import { grown, growthBetween, measureAll, type Resources, shareGrown } from './resources.ts';
import { startTraffic } from './traffic.ts';
import { FLAWLESS, judge } from './verdict.ts';

const minutes = Number(process.env.DURATION ?? 0.15);
const sessions = Number(process.env.SESSIONS ?? 4);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
/** Messages a second that are begun, of all sessions together: what more of them would be is a test of overload. */
const rate = Number(process.env.RATE ?? 40);
const lifetimeMs = Number(process.env.LEASE_LIFETIME_MS ?? 2_000);
const kind = process.env.DATABASE === 'mariadb' ? 'mariadb' : 'mongodb';
/** Its process has to live on: what it becomes in a long life is looked at. */
const SPARED = 'three';

/** Below this nothing can be said of memory: what is measured is not past the five minutes of Baileys. */
const LONG_MINUTES = 29;
const GROWTH_SHARE = 0.05;
/** The pools of the drivers breathe. */
const SOCKETS = 12;
const SAMPLE_MS = 10_000;
const PATIENCE_MS = 60_000;

describeWithOwnServer(kind, 'a fleet under traffic and random faults', () => {
  it(`runs no session twice, loses nothing and does not grow, seed ${seed}`, {
    timeout: minutes * 60_000 + sessions * 5_000 + 240_000,
  }, async () => {
    process.stdout.write(`soak: ${minutes} minutes, ${sessions} sessions on ${kind}, seed ${seed}\n`);
    const database = await startDatabase(kind);
    onTestFinished(() => database.stop());
    const fleet = await createFleet({
      databaseUrl: database.url,
      names: ['one', 'two', 'three'],
      environment: { LEASE_LIFETIME_MS: String(lifetimeMs) },
    });
    endWithTest(fleet);
    await Promise.all(fleet.servers.map(server => server.start()));
    await fleet.pair(sessions);

    const random = createRandom(seed);
    const pauseMs = (1_000 * 2 * sessions) / rate;
    const traffic = startTraffic(fleet, { pauseMs, random: createRandom(seed + 1) });
    const faultsFor = (partMinutes: number) => {
      const end = performance.now() + partMinutes * 60_000;
      const isOver = () => performance.now() > end;
      return runRandomFaults(fleet, { database, traffic, random, lifetimeMs, spared: [SPARED], isOver });
    };
    await faultsFor(minutes * 0.28);
    const early = await sample(fleet, minutes * 0.22);
    const faults = await faultsFor(minutes * 0.28);
    const late = await sample(fleet, minutes * 0.22);
    await traffic.stop();
    for (const { id } of fleet.sessions) await connectedOn(fleet, id);
    const verdict = await judge(fleet);
    const growth = growthBetween(early, late);
    process.stdout.write(`soak, seed ${seed}: ${JSON.stringify({ faults, growth, ...verdict })}\n`);
    expect(verdict).toMatchObject(FLAWLESS);
    for (const server of fleet.servers) expect(server.output()).not.toContain('MaxListenersExceeded');
    expect(growth.map(({ server }) => server)).toContain(SPARED);
    expect(growth.filter(({ spareSockets }) => grown(spareSockets) > SOCKETS)).toEqual([]);
    if (minutes >= LONG_MINUTES)
      expect(
        growth.filter(
          ({ liveBytes, residentBytes }) =>
            Math.max(shareGrown(liveBytes), shareGrown(residentBytes)) > GROWTH_SHARE,
        ),
      ).toEqual([]);
  });
});

/**
 * With every session on one server, under traffic alone, so that both ends are measured in the same state. Baileys keeps
 * what it sent for five minutes, also of sockets that are closed: the last fifth of a long part knows nothing of the faults.
 */
async function sample(fleet: Fleet, partMinutes: number): Promise<Resources[]> {
  const others = fleet.servers.filter(({ name }) => name !== SPARED);
  for (const server of others) await server.stop();
  for (const { id } of fleet.sessions) await connectedOn(fleet, id, SPARED, PATIENCE_MS);
  await sleep(partMinutes * 60_000 * 0.8);
  const samples = await measureFor(fleet, partMinutes * 0.2);
  await Promise.all(others.map(server => server.start()));
  return samples;
}

async function measureFor(fleet: Fleet, partMinutes: number): Promise<Resources[]> {
  const end = performance.now() + partMinutes * 60_000;
  const samples: Resources[] = [];
  do {
    samples.push(...(await measureAll(fleet)));
    await sleep(SAMPLE_MS);
  } while (performance.now() < end);
  return samples;
}
