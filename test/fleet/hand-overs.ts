import { expect, it } from 'vitest';
import { until } from '../support/condition.ts';
import { createRandom } from '../support/seeded-random.ts';
import { endWithTest } from './end-with-test.ts';
import { connectedOn, createFleet, type Fleet, standsBy } from './fleet.ts';
import { startTraffic, type Traffic } from './traffic.ts';
import { FLAWLESS, judge } from './verdict.ts';

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** How long a session may be nobody's when its server was asked to go. */
const HAND_OVER_MS = 2_000;

/** Servers that are replaced on purpose; `most`: how many sessions the database of the test can bear on a small machine. */
export function testHandOvers(databaseUrl: string, most = 50): void {
  const sessions = Number(process.env.FLEET_SESSIONS ?? most);

  async function create(names: readonly string[]): Promise<Fleet> {
    const fleet = await createFleet({ databaseUrl, names });
    endWithTest(fleet);
    return fleet;
  }

  async function traffic(fleet: Fleet): Promise<Traffic> {
    // As much of it, however many sessions there are.
    const pauseMs = Math.max(80, 16 * fleet.sessions.length);
    const traffic = startTraffic(fleet, { pauseMs, random: createRandom(SEED) });
    await until('there is traffic', () => traffic.count > 10);
    return traffic;
  }

  it(`SIGTERM hands over: another server is connected within two seconds, seed ${SEED}`, async () => {
    const fleet = await create(['one', 'two']);
    await fleet.server('one').start();
    await fleet.pair(2);
    await fleet.server('two').start();
    for (const { id } of fleet.sessions) await standsBy(fleet, id, 'two');
    const flow = await traffic(fleet);
    const toldAt = Date.now();
    const outcome = fleet.server('one').stop();
    const backAt = await Promise.all(
      fleet.sessions.map(async ({ id }) => (await connectedOn(fleet, id, 'two')).at),
    );
    const tookMs = Math.max(...backAt) - toldAt;
    process.stdout.write(`SIGTERM: connected elsewhere after ${tookMs} ms\n`);
    expect(await outcome).toBe('by-itself');
    expect(tookMs).toBeLessThan(HAND_OVER_MS);
    await flow.stop();
    expect(await judge(fleet)).toMatchObject({ ...FLAWLESS, kicks: 0 });
  });

  it(`a deploy that starts the new server beside the old one, and kills that after three seconds, seed ${SEED}`, async () => {
    const fleet = await create(['old', 'new']);
    await fleet.server('old').start();
    await fleet.pair(2);
    const flow = await traffic(fleet);
    await fleet.server('new').start();
    await fleet.server('old').stop(3_000);
    for (const { id } of fleet.sessions) await connectedOn(fleet, id, 'new');
    await flow.stop();
    expect(await judge(fleet)).toMatchObject({ ...FLAWLESS, kicks: 0 });
  });

  it(`a session that was made a moment before its server goes is run by another one, seed ${SEED}`, async () => {
    const fleet = await create(['one', 'two']);
    for (const server of fleet.servers) await server.start();
    await fleet.server('one').ask('mutation { createSession(input: { id: "new" }) { session { id } } }');
    await fleet.server('one').stop();
    await until(
      'it waits for a phone elsewhere',
      () => fleet.journal.newestStatus('two', 'new')?.status === 'PAIRING',
    );
  });

  it(`a rolling deploy of three servers, seed ${SEED}`, { timeout: 60_000 + sessions * 3_000 }, async () => {
    const fleet = await create(['one', 'two', 'three']);
    await Promise.all(fleet.servers.map(server => server.start()));
    await fleet.pair(sessions);
    const flow = await traffic(fleet);
    for (const server of fleet.servers) {
      await server.stop();
      for (const { id } of fleet.sessions) await connectedOn(fleet, id);
      await server.start();
    }
    await flow.stop();
    const verdict = await judge(fleet);
    process.stdout.write(`rolling deploy, ${sessions} sessions, seed ${SEED}: ${JSON.stringify(verdict)}\n`);
    expect(verdict).toMatchObject({ ...FLAWLESS, kicks: 0 });
  });
}
