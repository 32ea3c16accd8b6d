import { join } from 'node:path';
import type { LeaseStore, SessionStore } from '../../core/store.ts';
import { createStoreLife, type StoreLife } from '../../core/store-life.ts';
import type { DirectoryLock } from './directory-lock.ts';
import { type FileSystem, writeFully } from './file-system.ts';
import { createHeldLeases } from './held-leases.ts';
import type { OpenFiles } from './open-files.ts';
import { createSessionIds } from './session-ids.ts';
import type { SessionLog } from './session-log.ts';
import { createSessionTable } from './session-table.ts';

export interface FileStoreParts {
  readonly name: string;
  /** Of this store's own; `sessions` is in it. */
  readonly root: string;
  readonly fs: FileSystem;
  readonly files: OpenFiles;
  readonly lock: DirectoryLock;
  readonly now: () => number;
}

type OnSession = <T>(sessionId: string, task: (log: SessionLog) => Promise<T>) => Promise<T>;

export const sessionsFolderOf = (root: string): string => join(root, 'sessions');

export function createFileStore({ name, root, fs, files, lock, now }: FileStoreParts): SessionStore {
  const parent = sessionsFolderOf(root);
  const life = createStoreLife(name);
  const probe = createProbe(fs, join(root, 'probe'));
  const sessions = createSessionTable({
    store: name,
    parent,
    fs,
    files,
    now,
    checkOpen: life.checkNotClosed,
  });
  const ids = createSessionIds(fs, parent);
  const onSession: OnSession = (sessionId, task) => life.call(() => sessions.use(sessionId, task));
  const onWrite: OnSession = (sessionId, task) =>
    ids.whileWriting(sessionId, () => onSession(sessionId, task));

  return {
    name,
    leases: createLeases(life, onWrite),
    async *listSessions() {
      life.checkOpen();
      yield await ids.list();
    },
    readHead: sessionId => onSession(sessionId, log => log.readHead()),
    loadEntries: (sessionId, names) => onSession(sessionId, log => log.loadEntries(names)),
    loadSession: sessionId => onSession(sessionId, log => log.loadSession()),
    applyChange: change => onWrite(change.sessionId, log => log.applyChange(change)),
    replaceSession: given => onWrite(given.sessionId, log => log.replaceSession(given)),
    probe: () => life.call(probe),
    close: () =>
      life.close(async () => {
        await sessions.idle();
        await files.close();
        await lock.release();
      }),
  };
}

function createLeases(life: StoreLife, onWrite: OnSession): LeaseStore {
  const held = createHeldLeases();
  return {
    scope: 'host',
    lifetimeMs: Number.POSITIVE_INFINITY,
    acquireLease: request =>
      onWrite(request.sessionId, log => log.claim((raise, heldBy) => held.acquire(request, raise, heldBy))),
    renewLeases: leases => life.call(async () => held.renew(leases)),
    releaseLease: lease => life.call(async () => held.release(lease)),
    readLease: sessionId => life.call(async () => held.read(sessionId)),
    listLeases: () => life.call(async () => held.list()),
    findReleased: leases => life.call(async () => held.findReleased(leases)),
  };
}

/** Goes the way of every write. Who asks while it is under way gets the same answer. */
function createProbe(fs: FileSystem, path: string): () => Promise<void> {
  let probing: Promise<void> | undefined;
  async function probe() {
    await fs.removeFile(path);
    const file = await fs.createFile(path);
    try {
      await writeFully(file, Buffer.from('probe'), 0);
      await file.sync();
    } finally {
      await file.close();
      await fs.removeFile(path);
    }
  }
  return () => {
    probing ??= probe().finally(() => {
      probing = undefined;
    });
    return probing;
  };
}
