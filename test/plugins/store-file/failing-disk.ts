import { rm } from 'node:fs/promises';
import { afterEach, beforeEach } from 'vitest';
import type { SessionStore } from '../../../src/core/store.ts';
import { type FileStoreOptions, openFileStore } from '../../../src/plugins/store-file/index.ts';
import { createFaultyFileSystem, type FaultyFileSystem } from './faulty-file-system.ts';
import { newDirectory } from './file-store-subject.ts';

/** A directory on a disk that fails when it is told to, new for every test. */
export interface FailingDisk {
  readonly disk: FaultyFileSystem;
  open(options?: Partial<FileStoreOptions>): Promise<SessionStore>;
  /** Removes everything, as on a new disk. */
  wipe(): Promise<void>;
}

export function useFailingDisk(): FailingDisk {
  let directory: string;
  let disk: FaultyFileSystem;
  const stores: SessionStore[] = [];
  const wipe = () => rm(directory, { recursive: true, force: true });

  beforeEach(async () => {
    directory = await newDirectory();
    disk = createFaultyFileSystem();
  });
  afterEach(async () => {
    disk.failWhen(() => undefined);
    await Promise.all(stores.splice(0).map(store => store.close()));
    await wipe();
  });
  return {
    get disk() {
      return disk;
    },
    async open(options = {}) {
      const store = await openFileStore({ name: 'file', directory, fs: disk.fs, ...options });
      stores.push(store);
      return store;
    },
    wipe,
  };
}
