import { expect, it } from 'vitest';
import { type LeaseStore, ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import { raceForLeases } from '../../contract/lease-race.ts';
import { changeOf, codeOf, headAt, valuesOf } from '../../contract/sample-changes.ts';
import { createRandom } from '../../support/seeded-random.ts';
import { describeWithSql } from '../../support/sql-services.ts';
import { useTidbScene } from './tidb-scene.ts';
import { ageLeases, withServer } from './tidb-store-subject.ts';

const ID = 'personal';
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const leasesOf = (store: SessionStore) => store.leases as LeaseStore;

describeWithSql('leases of the tidb store', service => {
  const scene = useTidbScene(service);
  const acquire = (store: SessionStore, holder: string, sessionId = ID) =>
    leasesOf(store).acquireLease({ sessionId, holder, above: 0 });

  it(`a race for them has one winner an epoch, seed ${seed}`, async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => scene.open()));
    await stores[0]?.probe();
    const counts = await raceForLeases({
      stores,
      passTime: ms => ageLeases(service, scene.database, ms),
      random: createRandom(seed),
      steps: 60,
    });
    expect(Object.keys(counts)).toEqual(expect.arrayContaining(['acquired', 'refused', 'renewed', 'ended']));
  });

  it('last as long as the store was told, by the clock of the database and no other', async () => {
    const [early, late] = [{ now: () => 0 }, { now: () => Date.now() * 2 }];
    const one = await scene.open({ leaseLifetimeMs: 400, clock: early });
    const two = await scene.open({ leaseLifetimeMs: 400, clock: late });
    const startedAt = performance.now();
    const { epoch } = await acquire(one, 'one');
    const refusal = codeOf(acquire(two, 'two'));
    await expect.poll(() => leasesOf(two).readLease(ID), { interval: 10 }).toBeUndefined();
    // Half, since the clocks of two programs do not tick alike.
    expect(performance.now() - startedAt).toBeGreaterThan(200);
    expect(await refusal).toBe('SESSION_HELD_ELSEWHERE');
    expect((await acquire(two, 'two')).epoch).toBeGreaterThan(epoch);
  });

  it('are renewed and listed by one statement each, however many they are', async () => {
    const sent: string[] = [];
    const store = await scene.open({ onStatement: statement => sent.push(statement) });
    const taken = await Promise.all(
      Array.from({ length: 50 }, (_, index) => acquire(store, 'one', `s${index}`)),
    );
    sent.length = 0;
    expect(await leasesOf(store).renewLeases(taken)).toEqual(taken);
    expect(await leasesOf(store).listLeases()).toHaveLength(50);
    expect(sent.map(statement => statement.slice(0, 6).toLowerCase())).toEqual(['update', 'select']);
    await acquire(await scene.open(), 'one', 's7');
    sent.length = 0;
    expect(await leasesOf(store).renewLeases(taken)).toHaveLength(49);
    expect(sent).toHaveLength(2);
  });

  it('cost the next change nothing: it is one statement again', async () => {
    const sent: string[] = [];
    const store = await scene.open({ onStatement: statement => sent.push(statement) });
    await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c1' }));
    const { epoch } = await acquire(store, 'one');
    sent.length = 0;
    await store.applyChange(changeOf(ID, headAt(1, 1), headAt(epoch, 2), { creds: 'c2' }));
    expect(sent).toHaveLength(1);
  });

  it('come to a database of before, also by many servers at once', async () => {
    const first = await scene.open();
    await first.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c1' }));
    await withServer(service, async connection => {
      await connection.query(`DROP TABLE ${scene.database}.sessiongraph_leases`);
      await connection.query(`DELETE FROM ${scene.database}.sessiongraph_migrations WHERE version = 2`);
    });
    const stores = await Promise.all(Array.from({ length: 5 }, () => scene.open()));
    const calls = stores.map((store, index) => acquire(store, `server-${index}`));
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await valuesOf(first, ID)).toEqual({ creds: 'c1' });
    expect((await first.readHead(ID))?.fence).toBe((await leasesOf(first).readLease(ID))?.epoch);
  });

  it('are refused to a holder whose name would not fit', async () => {
    const call = acquire(await scene.open(), 'x'.repeat(300));
    expect(await codeOf(call)).toBe('STORE_UNREADABLE');
  });
});
