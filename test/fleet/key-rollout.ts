import { expect, it } from 'vitest';
import { createRandom } from '../support/seeded-random.ts';
import { ENCRYPTION_SECRET } from '../support/server-process.ts';
import { endWithTest } from './end-with-test.ts';
import { connectedOn, createFleet, type Fleet } from './fleet.ts';
import type { FleetServer } from './fleet-server.ts';
import { startTraffic } from './traffic.ts';
import { FLAWLESS, judge } from './verdict.ts';

const NEW = 'b7'.repeat(32);
const SESSIONS = 4;
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

const KEYS = '{ encryptionKeys { keys { newest copies { store count } } unreadable { message } } }';
const ROTATE = 'mutation { rotateKeys(input: {}) { rewrapped remaining left { code } } }';

/** The steps of docs/operations.md, "A new secret", with messages on their way all the time. */
export function testKeyRollout(databaseUrl: string): void {
  async function startWith(server: FleetServer, secrets: string): Promise<void> {
    if (server.condition === 'up') await server.stop();
    await server.start({ SESSION_ENCRYPTION_SECRET: secrets });
  }

  async function rollOut(fleet: Fleet, secrets: string): Promise<void> {
    for (const server of fleet.servers) {
      await startWith(server, secrets);
      for (const { id } of fleet.sessions) await connectedOn(fleet, id);
    }
  }

  const rotate = async (server: FleetServer) => (await server.ask(ROTATE)).rotateKeys;

  async function copiesUnderOld(server: FleetServer): Promise<unknown[]> {
    const { keys, unreadable } = (await server.ask(KEYS)).encryptionKeys;
    expect(unreadable).toEqual([]);
    return keys
      .filter(({ newest }: { newest: boolean }) => !newest)
      .flatMap(({ copies }: { copies: unknown[] }) => copies);
  }

  it(`two servers get a new secret one after the other, seed ${SEED}`, { timeout: 120_000 }, async () => {
    const fleet = await createFleet({ databaseUrl, names: ['one', 'two'] });
    endWithTest(fleet);
    const [one, two] = [fleet.server('one'), fleet.server('two')];
    await Promise.all(fleet.servers.map(server => startWith(server, ENCRYPTION_SECRET)));
    await fleet.pair(SESSIONS);
    const traffic = startTraffic(fleet, { pauseMs: 100, random: createRandom(SEED) });

    await rollOut(fleet, `${ENCRYPTION_SECRET},${NEW}`);
    await rollOut(fleet, `${NEW},${ENCRYPTION_SECRET}`);
    // Every session came back to the first server: what the other one has on its disk is of the time before.
    const heldElsewhere = Array.from({ length: SESSIONS }, () => ({ code: 'SESSION_HELD_ELSEWHERE' }));
    expect(await rotate(two)).toMatchObject({ rewrapped: 0, left: heldElsewhere });
    expect(await copiesUnderOld(two)).toEqual([
      { store: 'file', count: SESSIONS },
      { store: fleet.database.store, count: SESSIONS },
    ]);
    expect(await rotate(one)).toMatchObject({ rewrapped: SESSIONS, left: [] });
    expect(await copiesUnderOld(two)).toEqual([{ store: 'file', count: SESSIONS }]);
    expect(await rotate(two)).toMatchObject({ rewrapped: SESSIONS, remaining: 0, left: [] });
    for (const server of fleet.servers) expect(await copiesUnderOld(server)).toEqual([]);

    await rollOut(fleet, NEW);
    await traffic.stop();
    expect(await judge(fleet)).toMatchObject({ ...FLAWLESS, kicks: 0 });
  });
}
