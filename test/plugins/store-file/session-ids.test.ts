import { expect, it } from 'vitest';
import type { FileSystem } from '../../../src/plugins/store-file/file-system.ts';
import { nodeFileSystem } from '../../../src/plugins/store-file/node-file-system.ts';
import { folderNameOf } from '../../../src/plugins/store-file/session-folder.ts';
import { createSessionIds } from '../../../src/plugins/store-file/session-ids.ts';

/** A directory of folders, each with the names in it, that counts how often it is listed. */
function createScene(folders: Record<string, readonly string[]>) {
  const scene = { folders, looks: 0, failure: undefined as Error | undefined };
  const fs: FileSystem = {
    ...nodeFileSystem,
    async listFolder(path) {
      if (scene.failure) throw scene.failure;
      if (path !== '/sessions') return [...(folders[path.slice('/sessions/'.length)] ?? [])];
      scene.looks += 1;
      return Object.keys(folders);
    },
  };
  return { scene, ids: createSessionIds(fs, '/sessions') };
}

const folder = folderNameOf;

it('looks through the disk once, and knows what is written later', async () => {
  const { scene, ids } = createScene({ [folder('one')]: ['log'], [folder('begun')]: ['log.tmp-1'] });
  expect(await ids.list()).toEqual(['one']);
  expect(await ids.whileWriting('two', async () => 'done')).toBe('done');
  await ids.whileWriting('one', async () => {});
  expect(await ids.list()).toEqual(['one', 'two']);
  expect(scene.looks).toBe(1);
});

it('asks the disk again after a write that failed: it may have landed', async () => {
  const { scene, ids } = createScene({});
  const failure = new Error('EIO');
  expect(await ids.list()).toEqual([]);
  await expect(ids.whileWriting('one', () => Promise.reject(failure))).rejects.toBe(failure);
  expect(await ids.list()).toEqual([]);
  await expect(ids.whileWriting('one', () => Promise.reject(failure))).rejects.toBe(failure);
  scene.folders[folder('one')] = ['log'];
  expect(await ids.list()).toEqual(['one']);
  // Of a session that is known the disk can say nothing new.
  await expect(ids.whileWriting('one', () => Promise.reject(failure))).rejects.toBe(failure);
  expect(await ids.list()).toEqual(['one']);
  expect(scene.looks).toBe(3);
});

it('a disk that could not be looked through is looked through again', async () => {
  const { scene, ids } = createScene({ [folder('one')]: ['log'] });
  scene.failure = new Error('EACCES');
  await expect(ids.list()).rejects.toBe(scene.failure);
  scene.failure = undefined;
  expect(await ids.list()).toEqual(['one']);
});
