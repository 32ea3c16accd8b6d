import { rm } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { FileSystem } from '../../../src/plugins/store-file/file-system.ts';
import { openFileStore } from '../../../src/plugins/store-file/index.ts';
import { nodeFileSystem } from '../../../src/plugins/store-file/node-file-system.ts';
import { changeOf, codeOf, headAt, valuesOf } from '../../contract/sample-changes.ts';
import { createPowerLossDisk, whyNotReadOnly } from '../../support/power-loss-disk.ts';
import { newDirectory } from './file-store-subject.ts';

const obstacle = whyNotReadOnly();
const FIRST = headAt(1, 1);
const SECOND = headAt(1, 2);
const first = (sessionId: string) => changeOf(sessionId, headAt(0, 0), FIRST, { text: sessionId });
const second = (sessionId: string) => changeOf(sessionId, FIRST, SECOND, { text: 'later' });

it.skipIf(obstacle)(
  `a disk that becomes read-only is read from and takes nothing${obstacle ? ` (skipped: ${obstacle})` : ''}`,
  async () => {
    const disk = await createPowerLossDisk();
    onTestFinished(() => disk.remove());
    const open = () => openFileStore({ name: 'file', directory: disk.folder, openFilesLimit: 1 });
    const store = await open();
    onTestFinished(() => store.close());
    for (const id of ['closed', 'open']) await store.applyChange(first(id));
    await disk.becomeReadOnly();
    for (const id of ['closed', 'open', 'closed']) {
      expect(await valuesOf(store, id)).toEqual({ text: id });
      await expect(store.applyChange(second(id))).rejects.toThrow('EROFS');
      expect(await codeOf(store.applyChange(second(id)))).toBe('STORE_UNREADABLE');
    }
    await expect(store.applyChange(first('new'))).rejects.toThrow('EROFS');
    expect(await store.readHead('new')).toBeUndefined();
    await store.close();

    await disk.restorePower();
    const again = await open();
    onTestFinished(() => again.close());
    for (const id of ['closed', 'open']) expect(await valuesOf(again, id)).toEqual({ text: id });
    await again.applyChange(second('closed'));
    await again.close();
  },
);

// The kernel lets nobody write to such a disk again before it is unmounted, so this one is made up.
it('goes on in the same log when the disk can be written again, and keeps no file open for it meanwhile', async () => {
  let [isReadOnly, opened, created] = [false, 0, 0];
  const refuse = async () => {
    throw Object.assign(new Error('EROFS'), { code: 'EROFS' });
  };
  const fs: FileSystem = {
    ...nodeFileSystem,
    async createFile(path) {
      created += 1;
      return nodeFileSystem.createFile(path);
    },
    async openFile(path) {
      const file = await nodeFileSystem.openFile(path);
      if (!file || !isReadOnly) return file;
      opened += 1;
      const close = async () => {
        opened -= 1;
        await file.close();
      };
      return {
        ...file,
        isReadOnly,
        close,
        write: refuse,
        writeThrough: refuse,
        truncate: refuse,
        sync: refuse,
      };
    },
  };
  const directory = await newDirectory();
  onTestFinished(() => rm(directory, { recursive: true }));
  const store = await openFileStore({ name: 'file', directory, fs, openFilesLimit: 1 });
  onTestFinished(() => store.close());
  const ids = ['one', 'two', 'three'];
  for (const id of ids) await store.applyChange(first(id));
  isReadOnly = true;
  // The last one is open, and would be written to.
  for (const id of ids.slice(0, 2)) {
    await expect(store.applyChange(second(id))).rejects.toThrow('EROFS');
    expect(await valuesOf(store, id)).toEqual({ text: id });
  }
  expect(opened).toBe(0);
  isReadOnly = false;
  created = 0;
  for (const id of ids) await store.applyChange(second(id));
  expect(created).toBe(0);
});
