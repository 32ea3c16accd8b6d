import { createKeyedLanes } from '../../core/keyed-lanes.ts';
import type { SessionStore } from '../../core/store.ts';
import { createStoreLife } from '../../core/store-life.ts';
import { createChangeWriter, type WriterParts } from './change-writer.ts';
import { createDeletionMarks } from './deletion-marks.ts';
import { createKnownCopies } from './known-copies.ts';
import { createReplacementWriter } from './replacement-writer.ts';
import { listSessions, loadEntries, loadSession, type ReaderParts, readHead } from './session-reader.ts';
import { createSessionWords } from './session-words.ts';
import type { Snapshots } from './snapshots.ts';
import type { SqlServer } from './sql-server.ts';
import { createTidbLeases } from './tidb-leases.ts';

export interface TidbStoreParts {
  readonly name: string;
  readonly server: SqlServer;
  readonly snapshotServer: SqlServer;
  readonly snapshots: Snapshots;
  readonly now: () => number;
  readonly leaseLifetimeMs: number;
}

const KNOWN_COPIES = 10_000;

export function createTidbStore({
  name,
  server,
  snapshotServer,
  snapshots,
  now,
  leaseLifetimeMs,
}: TidbStoreParts): SessionStore {
  const life = createStoreLife(name);
  const words = createSessionWords(name);
  const lanes = createKeyedLanes();
  const reader: ReaderParts = { server, snapshotServer, snapshots, words, life };
  const marks = createDeletionMarks(server, life);
  const writer: WriterParts = { server, words, life, now, marks, known: createKnownCopies(KNOWN_COPIES) };
  const applyChange = createChangeWriter(writer);
  const replaceSession = createReplacementWriter(writer, lanes);

  return {
    name,
    leases: createTidbLeases({ writer, lanes, lifetimeMs: leaseLifetimeMs }),
    listSessions: () => listSessions(reader),
    readHead: sessionId => life.call(() => readHead(reader, sessionId)),
    loadEntries: (sessionId, names) => life.call(() => loadEntries(reader, sessionId, names)),
    loadSession: sessionId => life.call(() => loadSession(reader, sessionId)),
    applyChange: change => life.call(() => lanes(change.sessionId, () => applyChange(change))),
    replaceSession: replacement => life.call(() => replaceSession(replacement)),
    probe: () => life.call(() => server.run(async connection => void (await connection.write(PROBE)))),
    async close() {
      marks.close();
      await life.close(async () => {
        snapshots.close();
        await Promise.all([server.close(), snapshotServer.close()]);
      });
    },
  };
}

/** Changes nothing, and is refused by a server that takes no writes. */
const PROBE = 'UPDATE sessiongraph_unlinked SET dead = dead WHERE generation = 0';
