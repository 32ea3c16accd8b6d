import { expect, it, onTestFinished } from 'vitest';
import type { ServiceName } from '../../scripts/services/services.mjs';
import { until } from '../support/condition.ts';
import { saveContents } from '../support/database-contents.ts';
import { startDatabase } from '../support/database-server.ts';
import { createRandom } from '../support/seeded-random.ts';
import { endWithTest } from './end-with-test.ts';
import { connectedOn, createFleet, type Fleet, standsBy } from './fleet.ts';
import type { FleetServer } from './fleet-server.ts';
import { startTraffic, type Traffic } from './traffic.ts';
import { FLAWLESS, judge } from './verdict.ts';

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const NAMES = ['one', 'two'];

async function createRunningFleet(databaseUrl: string): Promise<Fleet> {
  const fleet = await createFleet({ databaseUrl, names: NAMES });
  endWithTest(fleet);
  for (const server of fleet.servers) await server.start();
  await fleet.pair(2);
  return fleet;
}

const more = (traffic: Traffic) => {
  const before = traffic.count;
  return until('there is more traffic', () => traffic.count > before + 8, 30_000);
};

/** While no server reaches the database. */
async function behindTheirBacks({ servers }: Fleet, change: () => Promise<void>): Promise<void> {
  for (const { proxy } of servers) proxy.become({ kind: 'reset' });
  await change();
  for (const { proxy } of servers) proxy.become({ kind: 'good' });
}

const COPIES = 'query ($id: ID!) { session(id: $id) { copies { state } } }';

/** Resolves when all stores of a server hold the same of a session. */
const inSync = ({ name, ask }: FleetServer, id: string) =>
  until(
    `all copies of ${id} are in sync on ${name}`,
    async () => {
      const { session } = await ask(COPIES, { id });
      return session.copies.every(({ state }: { state: string }) => state === 'IN_SYNC');
    },
    30_000,
  );

async function positionOn({ ask }: FleetServer, id: string): Promise<string> {
  const { session } = await ask('query ($id: ID!) { session(id: $id) { epoch revision } }', { id });
  return `${session.epoch}.${session.revision}`;
}

const hasSeen = (server: FleetServer, id: string, position: string) =>
  until(
    `${server.name} has seen ${id} at ${position}`,
    async () => (await positionOn(server, id)) === position,
    30_000,
  );

/** What a database server that dies does to its fleet; for a server of the test's own. */
export function testDatabaseRestart(name: ServiceName): void {
  it(`a database that is killed and comes back loses nothing, seed ${SEED}`, async () => {
    const server = await startDatabase(name);
    onTestFinished(() => server.stop());
    const fleet = await createRunningFleet(server.url);
    const traffic = startTraffic(fleet, { pauseMs: 60, random: createRandom(SEED) });
    await more(traffic);
    await server.restart();
    for (const { id } of fleet.sessions) await connectedOn(fleet, id);
    await more(traffic);
    await traffic.stop();
    expect(await judge(fleet)).toMatchObject({ ...FLAWLESS, kicks: 0 });
  });
}

/** What a backup does that is put back under running servers. */
export function testRestoredBackup(databaseUrl: string): void {
  it(`law 1: a database put back to before the owner came: who runs a session goes on, seed ${SEED}`, async () => {
    const fleet = await createRunningFleet(databaseUrl);
    const ids = fleet.sessions.map(({ id }) => id);
    const traffic = startTraffic(fleet, { pauseMs: 60, random: createRandom(SEED) });
    await more(traffic);
    const putBack = await saveContents(fleet.database);
    await fleet.server('one').stop();
    const owned = await Promise.all(ids.map(id => connectedOn(fleet, id, 'two')));
    await more(traffic);
    await fleet.server('one').start();
    for (const id of ids) await standsBy(fleet, id, 'one');

    await behindTheirBacks(fleet, putBack);
    await more(traffic);
    await more(traffic);
    for (const { sessionId, epoch } of owned)
      expect(fleet.journal.newestStatus('two', sessionId)).toMatchObject({ status: 'CONNECTED', epoch });

    // Its own copy is there again, however slow the database is; and the other one finds all of it.
    for (const id of ids) await inSync(fleet.server('two'), id);
    await fleet.server('two').stop();
    for (const id of ids) await connectedOn(fleet, id, 'one');
    await more(traffic);
    await traffic.stop();
    expect(await judge(fleet)).toMatchObject({ ...FLAWLESS, kicks: 0 });
  });
}

/** The same where nothing is written between the backup's coming and the owner's going. */
export function testRestoredBackupOfResting(databaseUrl: string): void {
  it(`law 1: a database put back while nobody writes: what its owner hands over is whole, seed ${SEED}`, async () => {
    const fleet = await createRunningFleet(databaseUrl);
    const ids = fleet.sessions.map(({ id }) => id);
    const before = startTraffic(fleet, { pauseMs: 60, random: createRandom(SEED) });
    await more(before);
    const putBack = await saveContents(fleet.database);
    await more(before);
    await before.stop();

    await behindTheirBacks(fleet, putBack);
    await fleet.server('two').stop();
    for (const id of ids) await connectedOn(fleet, id, 'one');
    const after = startTraffic(fleet, { pauseMs: 60, random: createRandom(SEED) });
    await more(after);
    await after.stop();
    expect(await judge(fleet)).toMatchObject({ ...FLAWLESS, kicks: 0 });
  });
}

/** The same where the owner is gone before the database answers it: nobody could tell that what it has is old. */
export function testRestoredBackupUnseen(databaseUrl: string): void {
  it(`law 6: a database put back behind an owner that has gone: who saw more does not run it, seed ${SEED}`, async () => {
    const fleet = await createRunningFleet(databaseUrl);
    const [one, two] = [fleet.server('one'), fleet.server('two')];
    const ids = fleet.sessions.map(({ id }) => id);
    const traffic = startTraffic(fleet, { pauseMs: 60, random: createRandom(SEED) });
    await more(traffic);
    await one.stop();
    for (const id of ids) await connectedOn(fleet, id, 'two');
    const putBack = await saveContents(fleet.database);
    await one.start();
    for (const id of ids) await standsBy(fleet, id, 'one');
    await more(traffic);
    await traffic.stop();
    for (const id of ids) await hasSeen(one, id, await positionOn(two, id));

    two.proxy.become({ kind: 'black-hole' });
    await putBack();
    await two.kill();
    const isRefused = (id: string) => fleet.journal.newestStatus('one', id)?.reason === 'STORE_STALE';
    for (const id of ids) await until(`${id} is not run from the backup`, () => isRefused(id), 30_000);

    two.proxy.become({ kind: 'good' });
    await two.start();
    for (const id of ids) await connectedOn(fleet, id, 'two');
    const again = startTraffic(fleet, { pauseMs: 60, random: createRandom(SEED) });
    await more(again);
    await again.stop();
    expect(await judge(fleet)).toMatchObject({ ...FLAWLESS, kicks: 0 });
  });
}
