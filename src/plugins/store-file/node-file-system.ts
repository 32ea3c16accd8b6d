import { constants, type Stats } from 'node:fs';
import { chmod, type FileHandle, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import type { FileSystem, OpenFile } from './file-system.ts';

const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY_FILE = 0o600;
const OTHERS = 0o077;
// Windows has no such flag, and no way for other users to plant a link in a folder of ours.
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
/**
 * Lets one call do what a write and a sync do in two, which halves what a change costs. Elsewhere there is no such
 * flag, or it stops at the cache of the drive (macOS).
 */
const THROUGH = process.platform === 'linux' ? constants.O_DSYNC : 0;

export const nodeFileSystem: FileSystem = {
  async makeFolder(path) {
    await mkdir(path, { mode: OWNER_ONLY_FOLDER }).catch(ignoring('EEXIST'));
    const { mode } = await refuseLink(path);
    // It may come from a backup that did not keep who may enter.
    if (mode & OTHERS) await chmod(path, OWNER_ONLY_FOLDER);
  },
  async listFolder(path) {
    const found = await refuseLink(path).catch(ignoring('ENOENT'));
    return found && (await readdir(path));
  },
  async syncFolder(path) {
    // Windows can not open a folder, and orders its names in a journal by itself.
    if (process.platform === 'win32') return;
    const folder = await open(path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  async createFile(path) {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW;
    return openFileOf(await open(path, flags, OWNER_ONLY_FILE), flags);
  },
  async openFile(path) {
    const flags = constants.O_RDWR | THROUGH | NO_FOLLOW;
    try {
      return openFileOf(await open(path, flags), flags);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      if (code === 'EROFS') return readOnly(openFileOf(await open(path, constants.O_RDONLY | NO_FOLLOW), 0));
      throw error;
    }
  },
  renameFile: rename,
  removeFile: path => rm(path, { force: true }),
};

function openFileOf(handle: FileHandle, flags: number): OpenFile {
  async function write(source: Uint8Array, position: number): Promise<number> {
    const { bytesWritten } = await handle.write(source, 0, source.length, position);
    if (bytesWritten === 0) throw Object.assign(new Error('nothing was written'), { code: 'EIO' });
    return bytesWritten;
  }
  async function writeAndSync(source: Uint8Array, position: number): Promise<number> {
    const bytesWritten = await write(source, position);
    await handle.datasync();
    return bytesWritten;
  }
  return {
    read: async (target, position) => (await handle.read(target, 0, target.length, position)).bytesRead,
    write,
    writeThrough: THROUGH && flags & THROUGH ? write : writeAndSync,
    truncate: sizeBytes => handle.truncate(sizeBytes),
    sync: () => handle.datasync(),
    sizeBytes: async () => (await handle.stat()).size,
    close: () => handle.close(),
  };
}

/** What is on a disk that takes nothing any more can still be read, and copied to where it is safe. */
function readOnly({ read, sizeBytes, close }: OpenFile): OpenFile {
  const refuse = async () => {
    throw Object.assign(new Error('the file system is read-only'), { code: 'EROFS' });
  };
  return {
    isReadOnly: true,
    read,
    sizeBytes,
    close,
    write: refuse,
    writeThrough: refuse,
    truncate: refuse,
    sync: refuse,
  };
}

async function refuseLink(path: string): Promise<Stats> {
  const found = await lstat(path);
  if (found.isDirectory()) return found;
  throw Object.assign(new Error('is a link or a file where a folder should be'), { code: 'ENOTDIR' });
}

function ignoring(code: string) {
  return (error: NodeJS.ErrnoException): undefined => {
    if (error.code !== code) throw error;
  };
}
