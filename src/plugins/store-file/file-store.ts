import { join } from 'node:path';
import { StoreError } from '../../core/errors.ts';
import type { LeaseStore, SessionStore } from '../../core/store.ts';
import type { DirectoryLock } from './directory-lock.ts';
import type { FileSystem } from './file-system.ts';
import { holdsSession } from './log-recovery.ts';
import type { OpenFiles } from './open-files.ts';
import { folderNameOf, isSessionId, sessionIdOf } from './session-folder.ts';
import { createSessionLog, type SessionLog } from './session-log.ts';

export interface FileStoreParts {
  readonly name: string;
  /** Of this store's own; `sessions` is in it. */
  readonly root: string;
  readonly fs: FileSystem;
  readonly files: OpenFiles;
  readonly lock: DirectoryLock;
  readonly now: () => number;
}

export const sessionsFolderOf = (root: string): string => join(root, 'sessions');

/** A session log for each session that was asked for, and the life of the store around them. */
export function createFileStore(parts: FileStoreParts): SessionStore {
  const { name, root, fs, files, lock, now } = parts;
  const parent = sessionsFolderOf(root);
  const sessions = new Map<string, SharedLog>();
  const inFlight = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;
  let closed = false;

  const checkOpen = () => {
    if (closed || closing) throw new StoreError('STORE_CLOSED', name, 'is closed');
  };
  /** Every call counts as in flight until it settles, so that `close` can wait for it. */
  const call = async <T>(task: () => Promise<T>): Promise<T> => {
    checkOpen();
    const result = task();
    inFlight.add(result);
    try {
      return await result;
    } finally {
      inFlight.delete(result);
    }
  };
  const open = (sessionId: string): SharedLog => {
    if (!isSessionId(sessionId))
      throw new StoreError('STORE_UNREADABLE', name, `session ${JSON.stringify(sessionId)} has no valid id`);
    const site = { sessionId, folder: join(parent, folderNameOf(sessionId)), parent, fs, files };
    const checkStream = () => {
      if (closed) checkOpen();
    };
    return { log: createSessionLog({ store: name, site, now, checkOpen: checkStream }), users: 0 };
  };
  const onSession = <T>(sessionId: string, task: (log: SessionLog) => Promise<T>): Promise<T> =>
    call(async () => {
      const shared = sessions.get(sessionId) ?? open(sessionId);
      sessions.set(sessionId, shared);
      shared.users += 1;
      try {
        return await task(shared.log);
      } finally {
        shared.users -= 1;
        // Asking for ids that do not exist must not fill the memory.
        if (shared.users === 0 && shared.log.isEmpty()) sessions.delete(sessionId);
      }
    });
  const leases: LeaseStore = {
    scope: 'host',
    acquireLease: ({ sessionId, holder, above }) =>
      onSession(sessionId, log => log.acquireLease(holder, above)),
    releaseLease: lease => onSession(lease.sessionId, log => log.releaseLease(lease)),
    readLease: sessionId => onSession(sessionId, log => log.readLease()),
  };

  return {
    name,
    leases,
    listSessions: () => listSessions(fs, parent, checkOpen),
    readHead: sessionId => onSession(sessionId, log => log.readHead()),
    loadEntries: (sessionId, names) => onSession(sessionId, log => log.loadEntries(names)),
    loadSession: sessionId => onSession(sessionId, log => log.loadSession()),
    applyChange: change => onSession(change.sessionId, log => log.applyChange(change)),
    replaceSession: given => onSession(given.sessionId, log => log.replaceSession(given)),
    probe: () => call(() => probe(fs, join(root, 'probe'))),
    close() {
      closing ??= (async () => {
        await Promise.allSettled(inFlight);
        await Promise.all([...sessions.values()].map(({ log }) => log.idle()));
        closed = true;
        await files.close();
        await lock.release();
      })();
      return closing;
    },
  };
}

interface SharedLog {
  readonly log: SessionLog;
  users: number;
}

async function* listSessions(fs: FileSystem, parent: string, checkOpen: () => void): AsyncGenerator<string> {
  checkOpen();
  for (const folder of (await fs.listFolder(parent)) ?? []) {
    checkOpen();
    const sessionId = sessionIdOf(folder);
    // A folder that can't be looked into is somebody's: whoever reads the session is told what is wrong with it.
    const names =
      sessionId === undefined ? [] : await fs.listFolder(join(parent, folder)).catch(() => ['log']);
    if (sessionId !== undefined && holdsSession(names ?? [])) yield sessionId;
  }
}

/** Goes the way of every write. */
async function probe(fs: FileSystem, path: string): Promise<void> {
  await fs.removeFile(path);
  const file = await fs.createFile(path);
  try {
    await file.write(Buffer.from('probe'), 0);
    await file.sync();
  } finally {
    await file.close();
    await fs.removeFile(path);
  }
}
