import { createHash } from 'node:crypto';
import { lstat, mkdir, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the sockets of a directory's lock are, by a path that is short enough for a socket. */
export interface LockFolder {
  readonly path: string;
  close(): Promise<void>;
}

// sockaddr_un has room for 104 bytes on macOS and 108 on Linux, with the closing zero.
const LONGEST_PATH = 100;
const SOCKET_NAME_BYTES = 24;

export async function openLockFolder(folder: string): Promise<LockFolder> {
  if (process.platform === 'win32')
    return { path: `\\\\.\\pipe\\sessiongraph-${digestOf(folder)}`, close: async () => {} };
  if (Buffer.byteLength(folder) + SOCKET_NAME_BYTES <= LONGEST_PATH)
    return { path: folder, close: async () => {} };
  return process.platform === 'linux' ? openThroughProc(folder) : openTemporary(folder);
}

/** The folder itself by a short name: unlike a place in /tmp it is the same for processes that have a /tmp each. */
async function openThroughProc(folder: string): Promise<LockFolder> {
  const handle = await open(folder);
  let closed = false;
  return {
    path: `/proc/self/fd/${handle.fd}`,
    async close() {
      if (closed) return;
      closed = true;
      await handle.close();
    },
  };
}

async function openTemporary(folder: string): Promise<LockFolder> {
  const path = join(tmpdir(), `sessiongraph-${digestOf(folder)}`);
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const found = await lstat(path);
  if (!found.isDirectory() || found.uid !== process.getuid?.())
    throw new Error(`${path} belongs to another user`);
  return { path, close: async () => {} };
}

const digestOf = (folder: string): string => createHash('sha256').update(folder).digest('hex').slice(0, 12);
