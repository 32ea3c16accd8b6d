import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Head, ORIGIN, type Position, type SessionStore } from '../../../src/core/store.ts';
import type { Documents } from '../../../src/plugins/store-mongo/documents.ts';
import {
  changeOf,
  codeOf,
  headAt,
  replacementOf,
  tombstoneOf,
  valuesOf,
} from '../../contract/sample-changes.ts';
import { describeWithService } from '../../support/services.ts';
import { createInterruptedDocuments } from './interrupted-documents.ts';
import { dropDatabase, newDatabaseUri, onDatabase, openMongo } from './mongo-store-subject.ts';

const ID = 'personal';
const RACES = 30;
const EAGER = { foldAfter: { changes: 1, idleMs: 5 } };
const LAZY = { foldAfter: { changes: 1000, idleMs: 100_000 } };

describeWithService('mongodb', 'two owners of one mongo store', () => {
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
  const open = async (options = {}) => {
    const store = await openMongo(uri, options);
    opened.push(store);
    return store;
  };
  const write = (store: SessionStore, base: Position, head: Head, text: string, fence = head.epoch) =>
    store.applyChange(changeOf(ID, base, head, { key: text, [text]: text }, { fence }));
  /** Writes until everything before is folded, and its slots are gone. */
  const settle = async (store: SessionStore) => {
    opened = opened.filter(one => one !== store);
    await store.close();
  };
  const claim = (store: SessionStore, head: Head, fence: number) =>
    store.applyChange(changeOf(ID, head, head, {}, { fence }));

  it('race for the same slot, and exactly one lands, every time', async () => {
    const [left, right] = [await open(), await open()];
    await write(left, ORIGIN, headAt(1, 1), 'first');
    for (let revision = 1; revision <= RACES; revision += 1) {
      const rival = (store: SessionStore, name: string) =>
        write(store, headAt(1, revision), headAt(1, revision + 1, name), `${name}${revision}`, 1);
      const outcomes = await Promise.allSettled([rival(left, 'left'), rival(right, 'right')]);
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled') === 0 ? 'left' : 'right';
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const loser = outcomes.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
      expect(loser.reason).toMatchObject({ code: 'STORE_DIVERGED' });
      expect(await left.readHead(ID)).toMatchObject(headAt(1, revision + 1, winner));
      const values = await valuesOf(right, ID);
      expect(values?.key).toBe(`${winner}${revision}`);
      expect(Object.keys(values ?? {})).toHaveLength(revision + 2);
    }
  });

  it('the old one lands nothing of what it had under way when the new one claimed', async () => {
    const line = createInterruptedDocuments();
    const old = await open({ ...LAZY, intercept: line.intercept });
    await write(old, ORIGIN, headAt(1, 1), 'first');
    const release = line.holdChanges();
    const late = [2, 3, 4].map(revision =>
      write(old, headAt(1, revision - 1), headAt(1, revision), `late${revision}`),
    );
    const codes = Promise.all(late.map(codeOf));
    const owner = await open(EAGER);
    await claim(owner, headAt(1, 1), 2);
    await write(owner, headAt(1, 1), headAt(2, 2), 'new');
    await settle(owner);
    release();
    expect(await codes).toEqual(['STORE_FENCED', 'STORE_FENCED', 'STORE_FENCED']);
    expect(await valuesOf(old, ID)).toEqual({ key: 'new', first: 'first', new: 'new' });
  });

  it('the old one is refused also when the slot it tries was folded and removed long ago', async () => {
    const old = await open(LAZY);
    await write(old, ORIGIN, headAt(1, 1), 'first');
    const owner = await open(EAGER);
    await claim(owner, headAt(1, 1), 2);
    for (let revision = 2; revision <= 6; revision += 1)
      await write(owner, headAt(revision === 2 ? 1 : 2, revision - 1), headAt(2, revision), `v${revision}`);
    await settle(owner);
    expect(await codeOf(write(old, headAt(1, 1), headAt(1, 2), 'late'))).toBe('STORE_FENCED');
    expect((await valuesOf(old, ID))?.key).toBe('v6');
  });

  it('one that only looked is refused when what it saw was folded away', async () => {
    const line = createInterruptedDocuments();
    const onlooker = await open({ ...LAZY, intercept: line.intercept });
    const owner = await open(EAGER);
    await write(owner, ORIGIN, headAt(1, 1), 'first');
    const release = line.holdChanges();
    const late = codeOf(write(onlooker, headAt(1, 1), headAt(1, 2, 'fork'), 'late', 1));
    while (!line.operations.includes('insert sessiongraph_changes')) await onlooker.probe();
    for (let revision = 2; revision <= 5; revision += 1)
      await write(owner, headAt(1, revision - 1), headAt(1, revision), `v${revision}`);
    await settle(owner);
    release();
    expect(await late).toBe('STORE_DIVERGED');
    expect((await valuesOf(onlooker, ID))?.key).toBe('v5');
  });

  it('a fold of the old one that is repeated after the take-over changes nothing', async () => {
    const line = createInterruptedDocuments();
    const old = await open({ ...LAZY, intercept: line.intercept });
    await write(old, ORIGIN, headAt(1, 1), 'first');
    await write(old, headAt(1, 1), headAt(1, 2), 'second');
    const owner = await open(EAGER);
    await owner.applyChange(changeOf(ID, headAt(1, 2), headAt(2, 3), { key: 'new', first: undefined }));
    await settle(owner);
    await settle(old);
    expect(await valuesOf(await open(), ID)).toEqual({ key: 'new', second: 'second' });
  });

  it('one that reads heads which are always older than the slots takes no slot for a leftover', async () => {
    const owner = await open(EAGER);
    await write(owner, ORIGIN, headAt(1, 1), 'v1');
    let revision = 1;
    /** The owner writes, folds and removes. */
    const goOn = async () => {
      for (let more = 0; more < 3; more += 1) {
        await write(owner, headAt(1, revision), headAt(1, revision + 1), `v${revision + 1}`);
        revision += 1;
      }
      await expect
        .poll(() => onDatabase(uri, db => db.collection('sessiongraph_changes').countDocuments()))
        .toBe(2);
    };
    const late = await open({
      intercept: (documents: Documents) => ({
        ...documents,
        async find(...[collection, ...rest]: Parameters<Documents['find']>) {
          if (collection === 'sessiongraph_changes') await goOn();
          return documents.find(collection, ...rest);
        },
      }),
    });
    expect(await late.readHead(ID)).toMatchObject(headAt(1, revision));
    expect(await codeOf(write(late, ORIGIN, headAt(1, 1, 'fork'), 'x'))).toBe('STORE_DIVERGED');
    expect(Object.keys((await valuesOf(owner, ID)) ?? {})).toHaveLength(revision + 1);
  });

  it('a reader is told when another process removed what it was reading', async () => {
    const owner = await open(EAGER);
    const entries = Array.from({ length: 50 }, (_, i) => [`k${i}`, 'old'] as const);
    await owner.replaceSession(replacementOf(ID, headAt(1, 1), Object.fromEntries(entries)));
    const reader = await open();
    const session = await reader.loadSession(ID);
    await owner.replaceSession(tombstoneOf(ID, headAt(2, 2)));
    await settle(owner);
    const read = async () => {
      for await (const { value } of session?.entries ?? []) expect(value).toHaveLength(3);
    };
    expect(await codeOf(read())).toBe('STORE_UNAVAILABLE');
  });
});
