import { open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import { openFileStore } from '../../../src/plugins/store-file/index.ts';
import { changeOf, codeOf, collect, headAt, valuesOf } from '../../contract/sample-changes.ts';
import { createFaultyFileSystem, type FaultyFileSystem } from './faulty-file-system.ts';
import { logOf, newDirectory, sessionFolder } from './file-store-subject.ts';

const ID = 'personal';
const MIB = 1024 * 1024;

describe('compaction', () => {
  let directory: string;
  let disk: FaultyFileSystem;
  let store: SessionStore;
  beforeEach(async () => {
    directory = await newDirectory();
    disk = createFaultyFileSystem();
    store = await openFileStore({ name: 'file', directory, fs: disk.fs });
  });
  afterEach(async () => {
    disk.failWhen(() => undefined);
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  const valueAt = (revision: number) => `${revision};`.padEnd(50_000, 'x');
  /** 50 kB of garbage with each revision after the first. */
  const write = async (from: number, to: number) => {
    for (let revision = from; revision <= to; revision += 1) {
      const base = revision === 1 ? ORIGIN : headAt(1, revision - 1);
      const values = { key: valueAt(revision), [`small:${revision % 7}`]: `${revision}` };
      await store.applyChange(changeOf(ID, base, headAt(1, revision), values));
    }
  };
  const compactions = () => disk.calls.filter(call => call.startsWith('renameFile')).length - 1;

  it('throws away what was overwritten, and nothing else', async () => {
    await write(1, 70);
    const before = await valuesOf(store, ID);
    expect(before?.key).toBe(valueAt(70));
    expect(Object.keys(before ?? {})).toHaveLength(8);
    expect(compactions()).toBeGreaterThanOrEqual(2);
    expect((await stat(logOf(directory, ID))).size).toBeLessThan(1.5 * MIB);
    expect(disk.openFiles()).toBe(1);
    await store.close();
    expect(await readdir(sessionFolder(directory, ID))).toEqual(['log']);
    store = await openFileStore({ name: 'file', directory });
    expect(await valuesOf(store, ID)).toEqual(before);
  });

  it('takes nothing away from those who read meanwhile', async () => {
    await write(1, 5);
    const reader = await store.loadSession(ID);
    const iterator = reader?.entries[Symbol.asyncIterator]();
    const read = [await iterator?.next()];
    await write(6, 70);
    expect(compactions()).toBeGreaterThanOrEqual(2);
    while (!read.at(-1)?.done) read.push(await iterator?.next());
    const entries = read.flatMap(step => (step?.done ? [] : [step?.value]));
    const values = Object.fromEntries(
      entries.map(entry => [entry?.name, Buffer.from(entry?.value ?? []).toString()]),
    );
    expect(values.key).toBe(valueAt(5));
    expect(Object.keys(values)).toHaveLength(6);
  });

  it('mixes with reads in any order', async () => {
    await write(1, 1);
    const reads: Promise<void>[] = [];
    for (let revision = 2; revision <= 60; revision += 1) {
      const change = changeOf(ID, headAt(1, revision - 1), headAt(1, revision), { key: valueAt(revision) });
      const written = store.applyChange(change);
      const read = Promise.all([store.loadSession(ID), store.loadEntries(ID, ['key'])]);
      reads.push(
        read.then(async ([session, entries]) => {
          expect(session?.head.revision).toBe(revision);
          expect((session && (await collect(session.entries)))?.key).toBe(valueAt(revision));
          expect(Buffer.from(entries.get('key') ?? []).toString()).toBe(valueAt(revision));
        }),
      );
      await written;
    }
    await Promise.all(reads);
    expect(compactions()).toBeGreaterThan(0);
  });

  it('may fail: the session goes on with its longer log, and is compacted later', async () => {
    await write(1, 2);
    disk.failWhen(operation => (operation === 'createFile' ? 'ENOSPC' : undefined));
    await write(3, 40);
    const attempts = disk.calls.filter(call => call.startsWith('createFile')).length - 1;
    expect(attempts).toSatisfy(count => count >= 1 && count <= 3);
    expect(compactions()).toBe(0);
    disk.failWhen(() => undefined);
    await write(41, 80);
    expect(compactions()).toBeGreaterThan(0);
    expect((await valuesOf(store, ID))?.key).toBe(valueAt(80));
  });

  it('never makes damage look whole: a record that is not what was written is not taken along', async () => {
    await write(1, 1);
    await store.applyChange(changeOf(ID, headAt(1, 1), headAt(1, 2), { still: 'here' }));
    const bytes = await readFile(logOf(directory, ID));
    const file = await open(logOf(directory, ID), 'r+');
    await file.write('X', bytes.indexOf('here'));
    await file.close();
    await write(3, 70).catch(() => undefined);
    expect(compactions()).toBe(0);
    await store.close();
    store = await openFileStore({ name: 'file', directory });
    expect(await codeOf(store.readHead(ID))).toBe('SESSION_CORRUPT');
  });

  it('does not happen for what is alive, however much it is', async () => {
    const values = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`k${index}`, valueAt(index)]),
    );
    await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), values));
    for (let revision = 2; revision < 30; revision += 1)
      await store.applyChange(
        changeOf(ID, headAt(1, revision - 1), headAt(1, revision), { [`n${revision}`]: 'new' }),
      );
    expect(compactions()).toBe(0);
  });
});
