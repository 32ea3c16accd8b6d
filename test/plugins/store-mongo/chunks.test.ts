import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Change, type Head, ORIGIN, type Position, type SessionStore } from '../../../src/core/store.ts';
import type { Documents } from '../../../src/plugins/store-mongo/documents.ts';
import { changeOf, codeOf, headAt, tombstoneOf } from '../../contract/sample-changes.ts';
import { describeWithService } from '../../support/services.ts';
import { dropDatabase, newDatabaseUri, onDatabase, openMongo } from './mongo-store-subject.ts';

const ID = 'personal';
const MIB = 1024 * 1024;
const DAY_MS = 24 * 3600_000;
const EAGER = { foldAfter: { changes: 1, idleMs: 5 } };
const LAZY = { foldAfter: { changes: 1000, sizeBytes: 1e9, idleMs: 100_000 } };

/** Of more than one chunk. */
const large = () => randomBytes(MIB + 1);
/** Comparing a million bytes one by one takes a test seconds. */
const hashOf = (value: Uint8Array = Buffer.alloc(0)) => createHash('sha256').update(value).digest('hex');
const changeWith = (base: Position, head: Head, value: Uint8Array | undefined): Change => ({
  ...changeOf(ID, base, head, {}),
  entries: [{ name: 'big', value }],
});

describeWithService('mongodb', 'chunks of large values in the mongo store', () => {
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
  const chunks = () => onDatabase(uri, db => db.collection('sessiongraph_chunks').countDocuments());
  const foldedSlot = () =>
    onDatabase(uri, async db => {
      const heads = await db.collection<{ _id: string }>('sessiongraph_heads').find().toArray();
      return Math.max(0, ...heads.map(({ _id }) => Number(_id.split('/')[1])));
    });
  const bigOf = async (store: SessionStore) => (await store.loadEntries(ID, ['big'])).get('big');
  /** Revisions 1 to `count`, each with another large value; the last of them. */
  async function writeVersions(store: SessionStore, count: number): Promise<Buffer> {
    let last = large();
    for (let revision = 1; revision <= count; revision += 1) {
      last = large();
      const base = revision === 1 ? ORIGIN : headAt(1, revision - 1);
      await store.applyChange(changeWith(base, headAt(1, revision), last));
    }
    return last;
  }

  it.each([
    ['one by one', EAGER],
    ['together', LAZY],
  ])('go with the value that was replaced, folded %s', async (_, options) => {
    const store = await open(options);
    const last = await writeVersions(store, 4);
    await store.close();
    expect(await chunks()).toBe(2);
    expect(hashOf(await bigOf(await open()))).toBe(hashOf(last));
  });

  it('go with an entry that is deleted, and with a copy that is replaced', async () => {
    const store = await open(EAGER);
    await writeVersions(store, 1);
    await store.applyChange(changeWith(headAt(1, 1), headAt(1, 2), undefined));
    await store.applyChange(changeWith(headAt(1, 2), headAt(1, 3), large()));
    await store.replaceSession(tombstoneOf(ID, headAt(2, 4)));
    await store.close();
    expect(await chunks()).toBe(0);
  });

  it('of a copy that was staged and refused go with it', async () => {
    const store = await open();
    await writeVersions(store, 1);
    async function* entries() {
      yield { name: 'big', value: large() };
      throw new Error('the source broke off');
    }
    const broken = { ...tombstoneOf(ID, headAt(2, 2)), deleted: false, entries: entries() };
    await expect(store.replaceSession(broken)).rejects.toThrow('broke off');
    expect(await chunks()).toBe(2);
  });

  it('that nothing names go a day later, and none that something names', async () => {
    const store = await open(LAZY);
    const last = await writeVersions(store, 1);
    await store.applyChange(changeWith(headAt(1, 1), headAt(1, 2), undefined));
    await store.close();
    await onDatabase(uri, db =>
      db
        .collection<{ _id: string; at: number }>('sessiongraph_chunks')
        .insertOne({ _id: `${ID}/loose/000000000000000`, at: Date.now() }),
    );
    expect(await chunks()).toBe(1);
    const later = await open({ ...EAGER, clock: { now: () => Date.now() + 2 * DAY_MS } });
    await later.applyChange(changeWith(headAt(1, 2), headAt(1, 3), last));
    await later.close();
    expect(await chunks()).toBe(2);
    expect(hashOf(await bigOf(await open()))).toBe(hashOf(last));
  });

  it('stay for a reader of this process, and a reader elsewhere takes the newer value for a missing chunk', async () => {
    const writer = await open(EAGER);
    const first = await writeVersions(writer, 1);
    const streaming = await writer.loadSession(ID);
    let next = large();
    /** Replaces the value and collects what it was, between the reading of the log and that of the chunks. */
    const replaceOnce = async () => {
      const value = next;
      next = Buffer.alloc(0);
      if (value.length === 0) return;
      for (let revision = 2; revision <= 3; revision += 1) {
        await writer.applyChange(changeWith(headAt(1, revision - 1), headAt(1, revision), value));
        // The second fold begins when the first has removed what it may.
        await expect.poll(foldedSlot).toBe(revision);
      }
      for await (const entry of streaming?.entries ?? []) expect(hashOf(entry.value)).toBe(hashOf(first));
      await writer.close();
      expect(await chunks()).toBe(2);
    };
    const expected = hashOf(next);
    const reader = await open({
      intercept: (documents: Documents) => ({
        ...documents,
        async find(...[collection, ...rest]: Parameters<Documents['find']>) {
          if (collection === 'sessiongraph_chunks') await replaceOnce();
          return documents.find(collection, ...rest);
        },
      }),
    });
    expect(hashOf(await bigOf(reader))).toBe(expected);
  });

  it('a stream elsewhere is told that it was overtaken, and not that the session is damaged', async () => {
    const writer = await open(EAGER);
    await writeVersions(writer, 1);
    const reader = await open();
    const session = await reader.loadSession(ID);
    await writer.applyChange(changeWith(headAt(1, 1), headAt(1, 2), large()));
    await writer.close();
    const read = async () => {
      for await (const { value } of session?.entries ?? []) expect(value.length).toBeGreaterThan(0);
    };
    expect(await codeOf(read())).toBe('STORE_UNAVAILABLE');
  });

  it('a chunk that is really missing is damage', async () => {
    const store = await open(EAGER);
    await writeVersions(store, 1);
    await onDatabase(uri, db => db.collection('sessiongraph_chunks').deleteOne({}));
    expect(await codeOf(bigOf(store))).toBe('SESSION_CORRUPT');
  });
});
