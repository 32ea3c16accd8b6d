import { randomUUID } from 'node:crypto';
import type { SessionStore } from '../../core/store.ts';
import { createStoreLife } from '../../core/store-life.ts';
import { sessionOfId } from './document-ids.ts';
import type { Documents } from './documents.ts';
import { createLeaseLog } from './lease-log.ts';
import type { FoldLimits } from './log-folding.ts';
import { createMongoLeases } from './mongo-leases.ts';
import { reported } from './reading.ts';
import { createSessionLog, type SessionLog } from './session-log.ts';
import { createSessionTable } from './session-table.ts';

export interface MongoStoreParts {
  readonly name: string;
  readonly documents: Documents;
  readonly now: () => number;
  readonly limits: FoldLimits;
  readonly leaseLifetimeMs: number;
  /** How many sessions that do nothing are remembered. */
  readonly rememberedSessions: number;
}

export function createMongoStore(parts: MongoStoreParts): SessionStore {
  const { name, documents } = parts;
  const writer = randomUUID();
  const life = createStoreLife(name);
  const sessions = createSessionTable(
    sessionId =>
      createSessionLog({ ...parts, store: name, sessionId, writer, checkOpen: life.checkNotClosed }),
    parts.rememberedSessions,
  );
  const use = <T>(sessionId: string, task: (log: SessionLog) => Promise<T>): Promise<T> =>
    sessions.use(sessionId, task).catch(error => {
      throw reported(error, { store: name, sessionId });
    });
  const onSession = <T>(sessionId: string, task: (log: SessionLog) => Promise<T>): Promise<T> =>
    life.call(() => use(sessionId, task));

  return {
    name,
    leases: createMongoLeases({
      store: name,
      documents,
      log: createLeaseLog({ documents, now: parts.now, inBackground: life.inBackground }),
      life,
      writer,
      lifetimeMs: parts.leaseLifetimeMs,
      raiseFence: (sessionId, fence) => use(sessionId, log => log.raiseFence(fence)),
    }),
    listSessions: () => listSessions(documents, life.checkOpen),
    readHead: sessionId => onSession(sessionId, log => log.readHead()),
    loadEntries: (sessionId, names) => onSession(sessionId, log => log.loadEntries(names)),
    loadSession: sessionId => onSession(sessionId, log => log.loadSession()),
    applyChange: change => onSession(change.sessionId, log => log.applyChange(change)),
    replaceSession: given => onSession(given.sessionId, log => log.replaceSession(given)),
    probe: () => life.call(() => documents.probe()),
    close: () =>
      life.close(async () => {
        await sessions.settle();
        await documents.close();
      }),
  };
}

/** A session that was written has a slot, a checkpoint, or both. The ids come in order, so those of one session follow each other. */
async function* listSessions(documents: Documents, checkOpen: () => void): AsyncGenerator<readonly string[]> {
  checkOpen();
  const seen = new Set<string>();
  for (const collection of ['sessiongraph_heads', 'sessiongraph_changes'] as const)
    for await (const ids of documents.ids(collection, undefined, { isWritten: true })) {
      checkOpen();
      const page = [...new Set(ids.map(sessionOfId))].filter(sessionId => !seen.has(sessionId));
      for (const sessionId of page) seen.add(sessionId);
      if (page.length > 0) yield page;
    }
}
