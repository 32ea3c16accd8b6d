import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Entry, ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import { changeOf, headAt, opened, replacementOf, sealed } from '../../contract/sample-changes.ts';
import { describeWithService } from '../../support/services.ts';
import { dropDatabase, newDatabaseUri, onDatabase, openMongo } from './mongo-store-subject.ts';

const ID = 'personal';
const MIB = 1024 * 1024;

describeWithService('mongodb', 'sizes in the mongo store', () => {
  let uri: string;
  let store: SessionStore;
  beforeEach(async () => {
    uri = newDatabaseUri();
    store = await openMongo(uri);
  });
  afterEach(async () => {
    await store.close();
    await dropDatabase(uri);
  });
  const reopen = async () => {
    await store.close();
    store = await openMongo(uri);
  };
  const allOf = async () => {
    const found = new Map<string, Uint8Array>();
    for await (const { name, value } of (await store.loadSession(ID))?.entries ?? []) found.set(name, value);
    return found;
  };

  it('holds a value of 3 MiB and a change of 12 MiB, folded and not', async () => {
    const entries = Array.from({ length: 9 }, (_, index) => ({
      name: `k${index}`,
      value: randomBytes(MIB),
    }));
    const change = changeOf(ID, ORIGIN, headAt(1, 1), {});
    await store.applyChange({
      ...change,
      entries: [...entries, { name: 'big', value: randomBytes(3 * MIB) }],
    });
    const before = await allOf();
    expect(before.size).toBe(10);
    expect(entries.every(({ name, value }) => value.equals(before.get(name) ?? sealed('')))).toBe(true);
    await reopen();
    const after = await allOf();
    expect(
      [...after].every(([name, value]) => Buffer.compare(value, before.get(name) ?? sealed('')) === 0),
    ).toBe(true);
    expect(after.get('big')).toHaveLength(3 * MIB);
  });

  it('puts 20,000 entries in the place of a copy, and reads them', { timeout: 120_000 }, async () => {
    function* entries(): Generator<Entry> {
      for (let index = 0; index < 20_000; index += 1)
        yield { name: `session:${index}`, value: sealed(`v${index}`) };
    }
    await store.replaceSession(replacementOf(ID, headAt(1, 1), {}, { entries: entries() }));
    await store.applyChange(
      changeOf(ID, headAt(1, 1), headAt(1, 2), { 'session:7': 'new', 'session:8': undefined }),
    );
    const found = await store.loadEntries(ID, ['session:7', 'session:8', 'session:19999']);
    expect([...found.values()].map(opened).sort()).toEqual(['new', 'v19999']);
    expect((await allOf()).size).toBe(19_999);
  });

  it('keeps no more documents than it has entries, and a few', async () => {
    for (let revision = 1; revision <= 200; revision += 1) {
      const base = revision === 1 ? ORIGIN : headAt(1, revision - 1);
      await store.applyChange(
        changeOf(ID, base, headAt(1, revision), { [`k${revision % 5}`]: `${revision}` }),
      );
    }
    await reopen();
    const counts = await onDatabase(uri, db =>
      Promise.all(
        ['heads', 'changes', 'entries'].map(name => db.collection(`sessiongraph_${name}`).countDocuments()),
      ),
    );
    // One checkpoint; the first slot, which keeps its place, and the last; five entries.
    expect(counts).toEqual([1, 2, 5]);
  });
});
