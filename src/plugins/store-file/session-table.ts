import { join } from 'node:path';
import { StoreError } from '../../core/errors.ts';
import type { FileSystem } from './file-system.ts';
import type { OpenFiles } from './open-files.ts';
import { folderNameOf, isSessionId } from './session-folder.ts';
import { createSessionLog, type SessionLog } from './session-log.ts';

export interface SessionTableParts {
  readonly store: string;
  /** The folder of all sessions. */
  readonly parent: string;
  readonly fs: FileSystem;
  readonly files: OpenFiles;
  readonly now: () => number;
  readonly checkOpen: () => void;
}

/** One object for each session that is in use, or that holds anything. */
export interface SessionTable {
  use<T>(sessionId: string, task: (log: SessionLog) => Promise<T>): Promise<T>;
  /** Resolves when the work that nobody awaits is done, too. */
  idle(): Promise<void>;
}

interface Row {
  readonly log: SessionLog;
  users: number;
}

export function createSessionTable({ store, parent, ...parts }: SessionTableParts): SessionTable {
  const rows = new Map<string, Row>();

  const newRow = (sessionId: string): Row => {
    if (!isSessionId(sessionId))
      throw new StoreError(
        'STORE_UNREADABLE',
        store,
        `${JSON.stringify(sessionId)} is not the id of a session`,
      );
    const site = { sessionId, folder: join(parent, folderNameOf(sessionId)), parent, ...parts };
    return { log: createSessionLog({ store, site, ...parts }), users: 0 };
  };
  return {
    async use(sessionId, task) {
      const row = rows.get(sessionId) ?? newRow(sessionId);
      rows.set(sessionId, row);
      row.users += 1;
      try {
        return await task(row.log);
      } finally {
        row.users -= 1;
        // Asking for ids that do not exist must not fill the memory.
        if (row.users === 0 && row.log.isEmpty()) rows.delete(sessionId);
      }
    },
    async idle() {
      await Promise.all([...rows.values()].map(({ log }) => log.idle()));
    },
  };
}
