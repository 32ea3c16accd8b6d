import { expect, it } from 'vitest';
import { ORIGIN } from '../../../src/core/store.ts';
import { changeOf, codeOf, headAt, replacementOf, sealed, valuesOf } from '../../contract/sample-changes.ts';
import { until } from '../../support/condition.ts';
import { describeWithSql } from '../../support/sql-services.ts';
import { useTidbScene } from './tidb-scene.ts';
import { withServer } from './tidb-store-subject.ts';

const ID = 'personal';
const MIB = 1024 * 1024;
const patterned = (size: number, seed: number) =>
  new Uint8Array(size).map((_, index) => (index * seed) ^ (index >>> 9));

describeWithSql('what the tidb store holds', service => {
  const scene = useTidbScene(service);
  const countRows = (where: string) =>
    withServer(service, async connection => {
      const sql = `SELECT COUNT(*) AS found FROM ${scene.database}.sessiongraph_entries WHERE ${where}`;
      const [rows] = await connection.query(sql);
      return Number((rows as { found: number }[])[0]?.found);
    });

  it('tells names and ids apart by case, dots, dollars and trailing spaces', async () => {
    const store = await scene.open();
    const names = ['session:q83v', 'session:Q83V', 'session:q83V', 'a.b', '$a', 'a', 'a ', 'A'];
    const values = Object.fromEntries(names.map(name => [name, `of ${name}`]));
    for (const id of [ID, 'Personal', 'personal ', 'per$onal', 'p.1'])
      await store.applyChange(changeOf(id, ORIGIN, headAt(1, 1), { ...values, id }));
    expect(await valuesOf(store, 'Personal')).toEqual({ ...values, id: 'Personal' });
    expect(await valuesOf(store, 'personal ')).toEqual({ ...values, id: 'personal ' });
    expect([...(await store.loadEntries(ID, ['a ', 'A'])).keys()].sort()).toEqual(['A', 'a ']);
  });

  it.each([255, 256, 65_535, 65_536, 100_000, 200_000])(
    'holds a value of %i bytes whole, written upon a head that is known',
    async size => {
      const store = await scene.open();
      const value = patterned(size, 31);
      await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c' }));
      const change = changeOf(ID, headAt(1, 1), headAt(1, 2), { creds: 'd' });
      await store.applyChange({ ...change, entries: [...change.entries, { name: 'session:1', value }] });
      expect((await store.loadEntries(ID, ['session:1'])).get('session:1')).toEqual(value);
    },
  );

  it('cuts values above 1 MiB into rows, also when they grow, shrink, go and come back', async () => {
    const store = await scene.open();
    let revision = 0;
    const put = async (value: Uint8Array | undefined) => {
      const base = revision ? headAt(1, revision) : ORIGIN;
      revision += 1;
      const change = changeOf(ID, base, headAt(1, revision), { other: `${revision}` });
      await store.applyChange({ ...change, entries: [...change.entries, { name: 'big', value }] });
      const found = (await store.loadEntries(ID, ['big'])).get('big');
      expect(found && Buffer.compare(found, value ?? new Uint8Array())).toBe(value ? 0 : undefined);
      const session = await store.loadSession(ID);
      const streamed: Record<string, Uint8Array> = {};
      for await (const entry of session?.entries ?? []) streamed[entry.name] = entry.value;
      expect(streamed.big?.length).toBe(value?.length);
    };
    for (const size of [3 * MIB, MIB, MIB + 1, 10, 3 * MIB + 7, 0]) await put(patterned(size, 31));
    await put(undefined);
    await until(
      'the rows are pruned',
      async () => (await countRows(`generation > 0 AND name = 'big'`)) === 0,
    );
    await put(patterned(2 * MIB + 5, 17));
  });

  it('tells a value with a lost row from a whole one', async () => {
    const store = await scene.open();
    const change = changeOf(ID, ORIGIN, headAt(1, 1), {});
    await store.applyChange({ ...change, entries: [{ name: 'big', value: patterned(3 * MIB, 7) }] });
    await withServer(service, connection =>
      connection.query(`DELETE FROM ${scene.database}.sessiongraph_entries WHERE chunk = 1`),
    );
    expect(await codeOf(store.loadEntries(ID, ['big']))).toBe('SESSION_CORRUPT');
    expect(await codeOf(valuesOf(store, ID))).toBe('SESSION_CORRUPT');
  });

  it('holds 20,000 entries: replaces, loads and reads them', { timeout: 120_000 }, async () => {
    const store = await scene.open();
    const count = 20_000;
    const name = (index: number) => `pre-key:${index}`;
    const entries = Array.from({ length: count }, (_, index) => ({
      name: name(index),
      value: sealed(`${index}`.padEnd(400, '.')),
    }));
    const replaced = performance.now();
    await store.replaceSession(replacementOf(ID, headAt(1, 1), {}, { entries }));
    const loaded = performance.now();
    const values = (await valuesOf(store, ID)) ?? {};
    const done = performance.now();
    console.log(
      `${service.name}: 20,000 entries replaced in ${Math.round(loaded - replaced)} ms, loaded in ${Math.round(done - loaded)} ms`,
    );
    expect(Object.keys(values)).toHaveLength(count);
    expect(values[name(19_999)]).toBe('19999'.padEnd(400, '.'));
    const found = await store.loadEntries(
      ID,
      Array.from({ length: 2_000 }, (_, index) => name(index * 10)),
    );
    expect(found.size).toBe(2_000);
    await store.replaceSession(replacementOf(ID, headAt(2, 2), { creds: 'c' }));
    await until('the old copy is gone', async () => (await countRows('generation > 0')) === 1);
  });

  it('keeps a damaged head as it was, with its entries, when another copy takes its place', async () => {
    const store = await scene.open();
    await store.applyChange(changeOf(ID, ORIGIN, headAt(4, 1), { creds: 'old' }));
    await withServer(service, connection =>
      connection.query(`UPDATE ${scene.database}.sessiongraph_entries SET value = 'x' WHERE generation = 0`),
    );
    const late = replacementOf(ID, headAt(3, 9), { creds: 'late' });
    expect(await codeOf(store.replaceSession(late))).toBe('STORE_FENCED');
    await store.replaceSession(replacementOf(ID, headAt(5, 2), { creds: 'new' }));
    expect(await valuesOf(store, ID)).toEqual({ creds: 'new' });
    const damaged = await withServer(service, connection =>
      connection.query(`SELECT value FROM ${scene.database}.sessiongraph_damaged`),
    );
    expect(String((damaged[0] as { value: Buffer }[])[0]?.value)).toBe('x');
    expect(await countRows('generation > 0')).toBe(2);
  });

  it('ends a reader that pauses for too long, and only that one', async () => {
    const store = await scene.open({ readerPauseMs: 50, snapshotLimit: 1 });
    const values = Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`key:${index}`, 'v']));
    await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), values));
    const paused = (await store.loadSession(ID))?.entries[Symbol.asyncIterator]();
    // There is one connection for readers: the next one gets it when the first has lost it.
    expect(Object.keys((await valuesOf(store, ID)) ?? {})).toHaveLength(600);
    expect(await codeOf(Promise.resolve(paused?.next()))).toBe('STORE_UNAVAILABLE');
  });
});
