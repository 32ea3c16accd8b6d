import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openLockFolder } from './lock-folder.ts';
import { askSocket, type LockSocket, listenOn, publishSocket } from './lock-socket.ts';

/** Another process, or this one, has the directory open. */
export class DirectoryHeld extends Error {
  override readonly name = 'DirectoryHeld';
}

export interface DirectoryLock {
  release(): Promise<void>;
}

/**
 * One process for each data directory. The lock is a local socket that its owner listens on: unlike a process id it
 * can't be mistaken for another process, in containers neither, and it ends with the process.
 *
 * Each candidate first listens on a socket under a name that is never used again, and then asks all the others. So a
 * socket nobody listens on stays dead and may be removed by anyone; and of two candidates the later one to look sees
 * the earlier one. Where each sees the other, the lower name stays and the higher one gives up.
 */
export async function acquireDirectoryLock(folder: string): Promise<DirectoryLock> {
  if (process.platform === 'win32') return acquirePipe(folder);
  const place = await openLockFolder(folder);
  const name = `${randomBytes(6).toString('hex')}.sock`;
  try {
    const own = await publishSocket(place.path, name);
    const release = async () => {
      // A name that can't be removed, as on a disk that became read-only, is dead all the same.
      await rm(join(place.path, name), { force: true }).catch(() => {});
      await own.close();
      await place.close();
    };
    await outlastOthers(place.path, name).catch(async error => {
      await release();
      throw error;
    });
    own.becomeOwner();
    return { release };
  } catch (error) {
    await place.close();
    throw error;
  }
}

async function outlastOthers(folder: string, own: string): Promise<void> {
  const others = (await readdir(folder)).filter(name => name.endsWith('.sock') && name !== own);
  for (const name of others) {
    const path = join(folder, name);
    const answer = await askSocket(path);
    if (answer.role === 'nobody') await rm(path, { force: true });
    else if (answer.role === 'owner' || name < own) throw new DirectoryHeld(answer.holder);
    // A candidate that has to give up for us does so as soon as it sees us, unless it looked before we were there.
    else if ((await answer.decided) === 'owner') throw new DirectoryHeld(answer.holder);
  }
}

/** A named pipe has no leftovers: its name is free again when its process ends, and only one can have it. */
async function acquirePipe(folder: string): Promise<DirectoryLock> {
  const path = (await openLockFolder(folder)).path;
  let own: LockSocket;
  try {
    own = await listenOn(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const answer = await askSocket(path);
    throw new DirectoryHeld(answer.role === 'nobody' ? 'a process that is just ending' : answer.holder);
  }
  own.becomeOwner();
  return { release: () => own.close() };
}
