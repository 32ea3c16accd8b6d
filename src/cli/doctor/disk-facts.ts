import { lstat, open, rm, stat, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DirectoryFacts } from './facts.ts';

const SECRET_PLACES = ['.sessiongraph', '.sessiongraph/encryption-secret', '.sessiongraph/token-secret'];
const OTHERS = 0o077;
/** More than what a file system may still have in its last block. */
const TRIAL_BYTES = 256 * 1024;

/** What a small write says of a directory. Nothing is left in it, and a directory that is missing is not made. */
export async function readDirectory(store: string, directory: string): Promise<DirectoryFacts> {
  const path = resolve(directory);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  const blank = { store, path, freeBytes: 0, openToOthers: [], isVolume: false, holder: undefined };
  if (found instanceof Error) return { ...blank, state: found.code === 'ENOENT' ? 'MISSING' : codeOf(found) };
  if (!found.isDirectory()) return { ...blank, state: 'ENOTDIR' };
  const { bavail, bsize } = await statfs(path);
  return {
    store,
    path,
    state: await tryToWrite(path),
    freeBytes: bavail * bsize,
    openToOthers: await findOpen(path),
    isVolume: found.dev !== (await stat('/')).dev,
    holder: undefined,
  };
}

async function tryToWrite(directory: string): Promise<string> {
  const path = join(directory, `.doctor-${process.pid}`);
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(Buffer.alloc(TRIAL_BYTES, 1));
      await file.sync();
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
    return 'OK';
  } catch (error) {
    return codeOf(error as NodeJS.ErrnoException);
  }
}

async function findOpen(directory: string): Promise<string[]> {
  // There the bits say nothing about who may read.
  if (process.platform === 'win32') return [];
  const places = SECRET_PLACES.map(place => join(directory, place));
  const modes = await Promise.all(places.map(place => lstat(place).catch(() => undefined)));
  return places.filter((_, index) => ((modes[index]?.mode ?? 0) & OTHERS) !== 0);
}

const codeOf = ({ code, message }: NodeJS.ErrnoException) => code ?? message;
