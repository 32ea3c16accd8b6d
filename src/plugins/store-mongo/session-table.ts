import type { SessionLog } from './session-log.ts';

/** One object for each session that is in use, and for those used last. */
export interface SessionTable {
  use<T>(sessionId: string, task: (log: SessionLog) => Promise<T>): Promise<T>;
  settle(): Promise<void>;
}

interface Row {
  readonly log: SessionLog;
  users: number;
}

export function createSessionTable(create: (sessionId: string) => SessionLog, limit: number): SessionTable {
  const rows = new Map<string, Row>();

  /** The longest unused first; those with something left to do stay. */
  function evict(): void {
    for (const [sessionId, { log, users }] of rows) {
      if (rows.size <= limit) return;
      if (users === 0 && log.isIdle()) rows.delete(sessionId);
    }
  }
  return {
    async use(sessionId, task) {
      const row = rows.get(sessionId) ?? { log: create(sessionId), users: 0 };
      rows.delete(sessionId);
      rows.set(sessionId, row);
      row.users += 1;
      try {
        return await task(row.log);
      } finally {
        row.users -= 1;
        evict();
      }
    },
    async settle() {
      await Promise.allSettled([...rows.values()].map(({ log }) => log.settle()));
    },
  };
}
