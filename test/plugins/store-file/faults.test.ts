import { rm } from 'node:fs/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/core/errors.ts';
import { ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import { openFileStore } from '../../../src/plugins/store-file/index.ts';
import {
  changeOf,
  codeOf,
  headAt,
  replacementOf,
  stateOf,
  tombstoneOf,
  valuesOf,
} from '../../contract/sample-changes.ts';
import { createFaultyFileSystem, type FaultyFileSystem } from './faulty-file-system.ts';
import { newDirectory } from './file-store-subject.ts';

const ID = 'personal';
const big = 'x'.repeat(5000);

/** Every way of writing; each step may be repeated until it is done. */
const STEPS: ((store: SessionStore) => Promise<unknown>)[] = [
  store => store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'one', key: big })),
  store => store.applyChange(changeOf(ID, headAt(1, 1), headAt(1, 2), { creds: 'two', more: big })),
  store => store.applyChange(changeOf(ID, headAt(1, 2), headAt(1, 3), { key: undefined, creds: 'three' })),
  store => store.replaceSession(replacementOf(ID, headAt(2, 4), { creds: 'four', new: big })),
  store => store.applyChange(changeOf(ID, headAt(2, 4), headAt(2, 5), { creds: 'five' })),
  store => store.replaceSession(tombstoneOf(ID, headAt(2, 6))),
  store => store.applyChange(changeOf(ID, headAt(2, 6), headAt(3, 7), { creds: 'seven' })),
];
const AFTER = [
  { creds: 'one', key: big },
  { creds: 'two', key: big, more: big },
  { creds: 'three', more: big },
  { creds: 'four', new: big },
  { creds: 'five', new: big },
  {},
  { creds: 'seven' },
];

describe('the file store on a disk that fails', () => {
  let directory: string;
  let disk: FaultyFileSystem;
  const stores: SessionStore[] = [];
  const open = async (fs = disk.fs) => {
    const store = await openFileStore({ name: 'file', directory, fs });
    stores.push(store);
    return store;
  };
  beforeEach(async () => {
    directory = await newDirectory();
    disk = createFaultyFileSystem();
  });
  afterEach(async () => {
    disk.failWhen(() => undefined);
    await Promise.all(stores.splice(0).map(store => store.close()));
    await rm(directory, { recursive: true, force: true });
  });

  /** Runs the steps on a new store, each until it is done; answers how many operations they took. */
  async function runWithFaults(judge: (count: number) => string | undefined): Promise<number> {
    await rm(directory, { recursive: true });
    const store = await open();
    let count = 0;
    const expectValues = async (done: number) => {
      disk.failWhen(() => undefined);
      expect(await valuesOf(store, ID)).toEqual(AFTER[done]);
    };
    for (const [at, step] of STEPS.entries()) {
      for (let isDone = false; !isDone; ) {
        disk.failWhen(() => judge(count++));
        const refused = await step(store).then(
          () => undefined,
          (error: unknown) => error,
        );
        isDone = refused === undefined;
        if (!isDone) expect(refused).toBeInstanceOf(StoreError);
        if (!isDone)
          expect(refused).toMatchObject({
            code: 'STORE_UNREADABLE',
            cause: { code: expect.stringMatching(/^E/) },
          });
        await expectValues(isDone ? at : at - 1);
      }
    }
    await store.close();
    const reopened = await open();
    expect((await stateOf(reopened, ID))?.head).toMatchObject(headAt(3, 7));
    expect(await valuesOf(reopened, ID)).toEqual(AFTER.at(-1));
    await reopened.close();
    return count;
  }

  it('loses and invents nothing whichever operation fails', async () => {
    const operations = await runWithFaults(() => undefined);
    expect(operations).toBeGreaterThan(35);
    for (let target = 0; target < operations; target += 1)
      await runWithFaults(count => (count === target ? (target % 2 ? 'EIO' : 'ENOSPC') : undefined));
  });

  it('loses and invents nothing when many operations fail', async () => {
    const run = fc.asyncProperty(fc.infiniteStream(fc.integer({ min: 0, max: 9 })), async dice => {
      await runWithFaults(count => (count < 200 && dice.next().value === 0 ? 'EIO' : undefined));
    });
    await fc.assert(run, { numRuns: 25 });
  });

  it('is whole after a restart at any failing operation', async () => {
    for (let target = 0, reached = true; reached; target += 1) {
      await rm(directory, { recursive: true });
      const store = await open();
      const first = disk.calls.length;
      disk.failWhen((_, number) => (number >= first + target ? 'EIO' : undefined));
      let done = -1;
      let refused = false;
      for (const step of STEPS) {
        refused ||= await step(store).then(
          () => false,
          () => true,
        );
        if (!refused) done += 1;
      }
      reached = disk.calls.length > first + target;
      await store.close();
      disk.failWhen(() => undefined);
      const reopened = await open();
      const found = await valuesOf(reopened, ID);
      expect([AFTER[done], AFTER[done + 1]]).toContainEqual(found);
      await reopened.close();
    }
  });

  it('goes on reading while the disk is full, and writing when it no longer is', async () => {
    const store = await open();
    await STEPS[0]?.(store);
    disk.failWhen(operation => (['write', 'createFile'].includes(operation) ? 'ENOSPC' : undefined));
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await codeOf(Promise.resolve(STEPS[1]?.(store)))).toBe('STORE_UNREADABLE');
      expect(await valuesOf(store, ID)).toEqual(AFTER[0]);
    }
    expect(await codeOf(store.probe())).toBe('STORE_UNREADABLE');
    disk.failWhen(() => undefined);
    await store.probe();
    await STEPS[1]?.(store);
    expect(await valuesOf(store, ID)).toEqual(AFTER[1]);
  });

  it('never trusts a file again whose sync has failed', async () => {
    const store = await open();
    await STEPS[0]?.(store);
    disk.failWhen(operation => (operation === 'sync' ? 'EIO' : undefined));
    await expect(STEPS[1]?.(store)).rejects.toMatchObject({
      code: 'STORE_UNREADABLE',
      cause: { code: 'EIO' },
    });
    disk.failWhen(() => undefined);
    const before = disk.calls.length;
    await STEPS[1]?.(store);
    expect(disk.calls.slice(before)).toContain('renameFile log.tmp-2');
    expect(await valuesOf(store, ID)).toEqual(AFTER[1]);
  });

  it('writes anew what it read after a crash where that can not be synced', async () => {
    const store = await open();
    await STEPS[0]?.(store);
    await store.close();
    disk.failWhen((operation, _, path) =>
      operation === 'sync' && path.endsWith('/log') ? 'EIO' : undefined,
    );
    const before = disk.calls.length;
    const reopened = await open();
    expect(await valuesOf(reopened, ID)).toEqual(AFTER[0]);
    expect(disk.calls.slice(before)).toContain('renameFile log.tmp-1');
  });

  it('keeps the log that holds what was acknowledged, also where its name is lost and files are many', async () => {
    const store = await openFileStore({ name: 'file', directory, fs: disk.fs, openFilesLimit: 1 });
    stores.push(store);
    await STEPS[0]?.(store);
    disk.failWhen(operation => (operation === 'syncFolder' ? 'EIO' : undefined));
    const replacement = replacementOf(ID, headAt(2, 4), { creds: 'unknown' });
    expect(await codeOf(store.replaceSession(replacement))).toBe('STORE_UNREADABLE');
    disk.failWhen(() => undefined);
    for (const id of ['other', 'another'])
      await store.applyChange(changeOf(id, ORIGIN, headAt(1, 1), { creds: id }));
    expect(await valuesOf(store, ID)).toEqual(AFTER[0]);
    await STEPS[1]?.(store);
    expect(await valuesOf(store, ID)).toEqual(AFTER[1]);
    await store.close();
    expect(await valuesOf(await open(), ID)).toEqual(AFTER[1]);
  });

  it.each(['EIO', 'EACCES', 'EMFILE'])(
    'never takes a log it can not read (%s) for a missing one',
    async code => {
      const store = await open();
      await STEPS[0]?.(store);
      await store.close();
      for (const operation of ['openFile', 'read', 'listFolder', 'sizeBytes']) {
        const reopened = await open();
        disk.failWhen(found => (found === operation ? code : undefined));
        for (const call of [
          () => reopened.readHead(ID),
          () => reopened.loadSession(ID),
          () => reopened.loadEntries(ID, ['creds']),
          () => Promise.resolve(STEPS[1]?.(reopened)),
          () => reopened.replaceSession(replacementOf(ID, headAt(9, 9), {})),
          () => Promise.resolve(reopened.leases?.acquireLease({ sessionId: ID, holder: 'one', above: 0 })),
        ])
          expect(await codeOf(call())).toBe('STORE_UNREADABLE');
        disk.failWhen(() => undefined);
        expect(await valuesOf(reopened, ID)).toEqual(AFTER[0]);
        await reopened.close();
      }
    },
  );

  it('finishes what the system wrote only in part', async () => {
    disk.writeAtMost(7);
    const store = await open();
    for (const step of STEPS.slice(0, 4)) await step(store);
    await store.close();
    expect(await valuesOf(await open(), ID)).toEqual(AFTER[3]);
  });

  it('keeps no more files open than it may', async () => {
    const store = await openFileStore({ name: 'file', directory, fs: disk.fs, openFilesLimit: 3 });
    stores.push(store);
    const ids = Array.from({ length: 12 }, (_, index) => `session-${index}`);
    for (const id of ids) await store.applyChange(changeOf(id, ORIGIN, headAt(1, 1), { creds: id }));
    expect(disk.openFiles()).toBeLessThanOrEqual(3);
    const unread = await store.loadSession('session-5');
    await unread?.entries[Symbol.asyncIterator]().return?.();
    const readers = await Promise.all(ids.slice(0, 2).map(id => store.loadSession(id)));
    for (const id of ids) {
      await store.applyChange(changeOf(id, headAt(1, 1), headAt(1, 2), { key: id }));
      expect(await valuesOf(store, id)).toEqual({ creds: id, key: id });
      expect(disk.openFiles()).toBeLessThanOrEqual(3);
    }
    for (const reader of readers)
      for await (const { value } of reader?.entries ?? []) expect(value).toHaveLength(9);
    await store.close();
    expect(disk.openFiles()).toBe(0);
  });
});
