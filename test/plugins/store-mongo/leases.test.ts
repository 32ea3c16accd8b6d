import { afterEach, beforeEach, expect, it } from 'vitest';
import { type LeaseStore, ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import type { MongoStoreOptions } from '../../../src/plugins/store-mongo/index.ts';
import { raceForLeases } from '../../contract/lease-race.ts';
import { changeOf, codeOf, headAt } from '../../contract/sample-changes.ts';
import { createRandom } from '../../support/seeded-random.ts';
import { describeWithService } from '../../support/services.ts';
import { createInterruptedDocuments } from './interrupted-documents.ts';
import { ageLeases, dropDatabase, newDatabaseUri, onDatabase, openMongo } from './mongo-store-subject.ts';

const ID = 'personal';
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const leasesOf = (store: SessionStore) => store.leases as LeaseStore;

describeWithService('mongodb', 'leases of the mongo store', () => {
  let uri: string;
  let opened: SessionStore[];
  beforeEach(() => {
    uri = newDatabaseUri();
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map(store => store.close()));
    await dropDatabase(uri);
  });
  const open = async (options: Partial<MongoStoreOptions> = {}) => {
    const store = await openMongo(uri, options);
    opened.push(store);
    return store;
  };
  const acquire = (store: SessionStore, holder: string, sessionId = ID) =>
    leasesOf(store).acquireLease({ sessionId, holder, above: 0 });
  const acquireMany = (store: SessionStore, count: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => acquire(store, 'one', `s${index}`)));
  const records = () =>
    onDatabase(uri, db =>
      db
        .collection('sessiongraph_leases')
        .find({}, { sort: { _id: 1 } })
        .toArray(),
    );

  it(`a race for them has one winner an epoch, seed ${seed}`, async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => open()));
    const counts = await raceForLeases({
      stores,
      passTime: ms => ageLeases(uri, ms),
      random: createRandom(seed),
      steps: 50,
    });
    expect(Object.keys(counts)).toEqual(expect.arrayContaining(['acquired', 'refused', 'renewed', 'ended']));
  });

  it('last as long as the store was told, by the clock of the server and no other', async () => {
    const one = await open({ leaseLifetimeMs: 500, clock: { now: () => 0 } });
    const two = await open({ leaseLifetimeMs: 500, clock: { now: () => Date.now() * 2 } });
    const startedAt = performance.now();
    const { epoch } = await acquire(one, 'one');
    const refusal = codeOf(acquire(two, 'two'));
    await expect.poll(() => leasesOf(two).readLease(ID), { interval: 10 }).toBeUndefined();
    // Half, since the clocks of two programs do not tick alike.
    expect(performance.now() - startedAt).toBeGreaterThan(250);
    expect(await refusal).toBe('SESSION_HELD_ELSEWHERE');
    expect((await acquire(two, 'two')).epoch).toBeGreaterThan(epoch);
  });

  it('are renewed by two commands and listed by two, however many they are', async () => {
    const sent: string[] = [];
    const store = await open({
      foldAfter: { changes: 1000, idleMs: 100_000 },
      driver: { monitorCommands: true },
      onCommand: name => sent.push(name),
    });
    const taken = await acquireMany(store, 30);
    const commands = () => sent.filter(name => name !== 'delete');
    sent.length = 0;
    expect(await leasesOf(store).renewLeases(taken)).toEqual(taken);
    expect(commands()).toEqual(['hello', 'insert']);
    sent.length = 0;
    expect(await leasesOf(store).listLeases()).toHaveLength(30);
    expect(commands()).toEqual(['hello', 'find']);
    await acquire(await open(), 'one', 's7');
    expect(await leasesOf(store).renewLeases(taken)).toEqual(
      taken.filter(({ sessionId }) => sessionId !== 's7'),
    );
  });

  it('leave no more than two records each, however often they are renewed', async () => {
    const store = await open();
    const taken = await acquireMany(store, 3);
    for (let round = 0; round < 5; round += 1) await leasesOf(store).renewLeases(taken);
    await store.close();
    const found = await records();
    expect(found.length).toBeLessThanOrEqual(6);
    expect(found.filter(({ _id }) => `${_id}`.endsWith('6'))).toHaveLength(3);
  });

  it('are renewed by another process of the same holder as well', async () => {
    const taken = await acquireMany(await open(), 3);
    expect(await leasesOf(await open()).renewLeases(taken)).toEqual(taken);
    expect(await leasesOf(opened[0] as SessionStore).renewLeases(taken)).toEqual(taken);
  });

  it('fence again where the database was put back to the time before them', async () => {
    const lease = await acquire(await open(), 'one');
    await onDatabase(uri, db => db.dropDatabase());
    const store = await open();
    expect(await leasesOf(store).renewLeases([lease])).toEqual([lease]);
    const late = changeOf(ID, ORIGIN, headAt(1, 1), {}, { fence: lease.epoch - 1 });
    expect(await codeOf(store.applyChange(late))).toBe('STORE_FENCED');
    expect(await leasesOf(store).listLeases()).toMatchObject([lease]);
  });

  it.each(['not-done', 'answer-lost'] as const)(
    'are whole or never given, wherever the line is cut while one is taken (%s)',
    async how => {
      const line = createInterruptedDocuments();
      const one = await open({ intercept: line.intercept });
      let highest = (await acquire(one, 'one')).epoch;
      let wasCut = true;
      for (let at = 1; wasCut; at += 1) {
        line.breakAt(at, how);
        wasCut = await acquire(one, 'one').then(
          () => false,
          () => true,
        );
        line.heal();
        const lease = await acquire(one, 'one');
        expect(lease.epoch).toBeGreaterThan(highest);
        highest = lease.epoch;
        const late = changeOf(ID, ORIGIN, headAt(1, 1), {}, { fence: highest - 1 });
        expect(await codeOf(one.applyChange(late))).toBe('STORE_FENCED');
        expect(at).toBeLessThan(20);
      }
      expect(await codeOf(acquire(await open(), 'two'))).toBe('SESSION_HELD_ELSEWHERE');
    },
  );
});
