import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionStore } from '../../../src/core/store.ts';
import { type FileStoreOptions, openFileStore } from '../../../src/plugins/store-file/index.ts';
import { folderNameOf } from '../../../src/plugins/store-file/session-folder.ts';
import type { StoreSubject } from '../../contract/session-store.ts';

export const newDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), 'sg-file-'));

export const sessionFolder = (directory: string, sessionId: string): string =>
  join(directory, '.sessiongraph', 'sessions', folderNameOf(sessionId));

export const logOf = (directory: string, sessionId: string): string =>
  join(sessionFolder(directory, sessionId), 'log');

/** Changes the bytes of a file behind the back of whoever has it open. */
export async function alterFile(path: string, alter: (bytes: Buffer) => Uint8Array): Promise<void> {
  await writeFile(path, alter(await readFile(path)));
}

/** In a record in the middle: what stands behind it was acknowledged, so it is no torn tail. */
export const damageLog = (directory: string, sessionId: string): Promise<void> =>
  alterFile(logOf(directory, sessionId), bytes => bytes.fill((bytes[60] ?? 0) ^ 1, 60, 61));

/** A file store in a directory of its own for every test. */
export function fileStoreSubject(options: Partial<FileStoreOptions> = {}): StoreSubject {
  const directories = new WeakMap<SessionStore, string>();
  const directoryOf = (store: SessionStore) => directories.get(store) ?? '';
  const openIn = async (directory: string) => {
    const store = await openFileStore({ name: 'file', directory, ...options });
    directories.set(store, directory);
    return store;
  };
  return {
    issuesLeases: true,
    open: async () => openIn(await newDirectory()),
    reopen: async store => {
      await store.close();
      return openIn(directoryOf(store));
    },
    destroy: async store => {
      await store.close();
      await rm(directoryOf(store), { recursive: true, force: true });
    },
    damage: async (store, sessionId) => {
      await store.close();
      await damageLog(directoryOf(store), sessionId);
      return openIn(directoryOf(store));
    },
  };
}
