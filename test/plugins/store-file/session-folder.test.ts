import { chmod, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import { openFileStore } from '../../../src/plugins/store-file/index.ts';
import { folderNameOf, sessionIdOf } from '../../../src/plugins/store-file/session-folder.ts';
import { changeOf, codeOf, headAt, listed, replacementOf } from '../../contract/sample-changes.ts';
import { logOf, newDirectory, sessionFolder } from './file-store-subject.ts';

const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-';
const sessionId = fc.string({ unit: fc.constantFrom(...CHARACTERS), minLength: 1, maxLength: 128 });

describe('the folder of a session', () => {
  it('leads back to its id, and is safe on every file system', () => {
    const run = fc.property(sessionId, id => {
      const folder = folderNameOf(id);
      expect(sessionIdOf(folder)).toBe(id);
      expect(folder).toMatch(/^[a-z0-9_=-]+~[0-9a-f]*$/);
      expect(folder.length).toBeLessThanOrEqual(200);
    });
    fc.assert(run, { numRuns: 500 });
  });

  it('is another one for another id, also where case does not count', () => {
    const run = fc.property(sessionId, fc.infiniteStream(fc.boolean()), (id, capitals) => {
      const other = [...id]
        .map(letter => (capitals.next().value ? letter.toUpperCase() : letter.toLowerCase()))
        .join('');
      fc.pre(other !== id);
      expect(folderNameOf(other).toLowerCase()).not.toBe(folderNameOf(id).toLowerCase());
    });
    fc.assert(run, { numRuns: 500 });
    expect(folderNameOf('Personal')).not.toBe(folderNameOf('personal'));
    expect(['CON', 'a.', '..'].map(folderNameOf)).toEqual(['con~7', 'a=~', '==~']);
  });

  it('is not any folder that happens to be there', () => {
    for (const name of [
      '',
      '~',
      'personal',
      'Personal~',
      'personal~0',
      'personal~g',
      'a~1~',
      'a.b~',
      'x'.repeat(129),
    ])
      expect(sessionIdOf(name)).toBeUndefined();
  });
});

describe('the data directory', () => {
  let directory: string;
  const stores: SessionStore[] = [];
  const open = async () => {
    const store = await openFileStore({ name: 'file', directory });
    stores.push(store);
    return store;
  };
  beforeEach(async () => {
    directory = await newDirectory();
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map(store => store.close()));
    await rm(directory, { recursive: true, force: true });
  });
  const write = (store: SessionStore, id = 'personal') =>
    store.applyChange(changeOf(id, ORIGIN, headAt(1, 1), { creds: 'c' }));

  it('is for its owner alone: folders 0700, files 0600, whatever the umask', async () => {
    const umask = process.umask(0);
    try {
      const store = await open();
      await write(store);
      await store.replaceSession(replacementOf('personal', headAt(1, 2), { creds: 'r' }));
      await store.probe();
    } finally {
      process.umask(umask);
    }
    for (const name of await readdir(join(directory, '.sessiongraph'), { recursive: true })) {
      const found = await stat(join(directory, '.sessiongraph', name));
      if (!found.isSocket())
        expect([name, found.mode & 0o777]).toEqual([name, found.isDirectory() ? 0o700 : 0o600]);
    }
  });

  it('is closed to others where it comes from a backup that was open to them', async () => {
    await mkdir(join(directory, '.sessiongraph'));
    await chmod(join(directory, '.sessiongraph'), 0o755);
    await open();
    expect((await stat(join(directory, '.sessiongraph'))).mode & 0o777).toBe(0o700);
  });

  it('refuses links in the place of its own folders', async () => {
    const elsewhere = await newDirectory();
    await symlink(elsewhere, join(directory, '.sessiongraph'));
    expect(await codeOf(open())).toBe('STORE_UNREADABLE');
    await rm(join(directory, '.sessiongraph'));
    const store = await open();
    await symlink(elsewhere, sessionFolder(directory, 'personal'));
    expect(await codeOf(write(store))).toBe('STORE_UNREADABLE');
    expect(await codeOf(store.readHead('personal'))).toBe('STORE_UNREADABLE');
    expect(await readdir(elsewhere)).toEqual([]);
    await rm(elsewhere, { recursive: true });
  });

  it('refuses a link in the place of a log', async () => {
    const target = join(directory, 'somebody-elses');
    await writeFile(target, 'theirs');
    await mkdir(sessionFolder(directory, 'personal'), { recursive: true });
    await symlink(target, logOf(directory, 'personal'));
    const store = await open();
    expect(await codeOf(store.readHead('personal'))).toBe('STORE_UNREADABLE');
    expect(await codeOf(write(store))).toBe('STORE_UNREADABLE');
  });

  it('may hold other things, which are left alone', async () => {
    await writeFile(join(directory, 'creds.json'), '{}');
    const store = await open();
    await write(store);
    await mkdir(join(directory, '.sessiongraph/sessions/lost+found'));
    await mkdir(join(directory, '.sessiongraph/sessions/broken-off~'));
    expect(await listed(store)).toEqual(['personal']);
    expect((await readdir(directory)).sort()).toEqual(['.sessiongraph', 'creds.json']);
  });

  it('holds no folder for sessions that were only asked for', async () => {
    const store = await open();
    expect(await store.readHead('nobody')).toBeUndefined();
    expect(await store.loadSession('nobody')).toBeUndefined();
    expect(await readdir(join(directory, '.sessiongraph/sessions'))).toEqual([]);
  });

  it('takes no id that is none', async () => {
    const store = await open();
    for (const id of ['', '../x', 'a/b', 'a b', 'ä', 'x'.repeat(129)])
      expect(await codeOf(store.readHead(id))).toBe('STORE_UNREADABLE');
  });

  it('can be one that does not exist yet, and not a file', async () => {
    const missing = join(directory, 'not', 'there');
    await (await openFileStore({ name: 'file', directory: missing })).close();
    const file = join(directory, 'file');
    await writeFile(file, '');
    expect(await codeOf(openFileStore({ name: 'file', directory: file }))).toBe('STORE_UNREADABLE');
  });
});
