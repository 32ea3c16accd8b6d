import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../../core/errors.ts';
import type { SessionStore } from '../../core/store.ts';
import { acquireDirectoryLock, DirectoryHeld } from './directory-lock.ts';
import { reportingErrors } from './file-errors.ts';
import { createFileStore, sessionsFolderOf } from './file-store.ts';
import type { FileSystem } from './file-system.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { createOpenFiles } from './open-files.ts';

export interface FileStoreOptions {
  readonly name: string;
  /** Everything of the store goes into `.sessiongraph` in here; what else is in it is not touched. */
  readonly directory: string;
  readonly fs?: FileSystem;
  readonly clock?: { now(): number };
  /** How many logs of sessions that do nothing are kept open. */
  readonly openFilesLimit?: number;
}

/**
 * Sessions in files of this computer: the store that is always there. Rejects with SESSION_HELD_ELSEWHERE, naming the
 * process, where the directory is open already: here or in another process.
 */
export async function openFileStore(options: FileStoreOptions): Promise<SessionStore> {
  const { name, directory, clock = Date, openFilesLimit = 512 } = options;
  const root = join(await readyDirectory(name, directory), '.sessiongraph');
  const fs = reportingErrors(options.fs ?? nodeFileSystem, name, root);
  await fs.makeFolder(root);
  await fs.makeFolder(join(root, 'lock'));
  const lock = await acquireDirectoryLock(join(root, 'lock')).catch(cause => {
    if (cause instanceof DirectoryHeld) throw heldBy(name, directory, cause);
    throw new StoreError(
      'STORE_UNREADABLE',
      name,
      `cannot lock ${directory}: ${cause.code ?? cause.message}`,
      { cause },
    );
  });
  try {
    await fs.makeFolder(sessionsFolderOf(root));
    for (const folder of [root, join(root, '..')]) await fs.syncFolder(folder);
  } catch (error) {
    await lock.release();
    throw error;
  }
  const files = createOpenFiles(fs, openFilesLimit);
  return createFileStore({ name, root, fs, files, lock, now: () => clock.now() });
}

/** By its one real name, so that two ways to the same directory meet at the same lock. */
async function readyDirectory(name: string, directory: string): Promise<string> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return await realpath(directory);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new StoreError('STORE_UNREADABLE', name, `cannot use ${directory}: ${code}`, { cause });
  }
}

function heldBy(name: string, directory: string, cause: DirectoryHeld): StoreError {
  return new StoreError('SESSION_HELD_ELSEWHERE', name, `${directory} is in use by ${cause.message}`, {
    cause,
  });
}
