import type { StoreLife } from '../../core/store-life.ts';
import { DELETED } from './schema.ts';
import type { SqlServer } from './sql-server.ts';

/**
 * The marks that deleted entries left, on their way out: many by one statement, since nobody waits for it and every
 * received message may leave one. What is still here when the process dies stays behind as empty rows that nobody
 * reads.
 */
export interface DeletionMarks {
  add(sid: Buffer, generation: number, names: readonly Buffer[]): void;
  /** Whatever there is, now. */
  flush(): void;
}

interface Marks {
  readonly sid: Buffer;
  readonly generation: number;
  readonly names: Buffer[];
}

const MOST_NAMES = 64;
/** Of a change that deletes many. */
const NAMES_AT_ONCE = 500;
const IDLE_MS = 1_000;

export function createDeletionMarks(server: SqlServer, life: StoreLife): DeletionMarks {
  const waiting = new Map<string, Marks>();
  let timer: NodeJS.Timeout | undefined;

  function prune(key: string, { sid, generation, names }: Marks): void {
    waiting.delete(key);
    for (let start = 0; start < names.length; start += NAMES_AT_ONCE) {
      const some = names.slice(start, start + NAMES_AT_ONCE);
      life.inBackground(() => server.run(connection => connection.write(PRUNE, [generation, sid, some])));
    }
  }
  function flush(): void {
    clearTimeout(timer);
    for (const [key, marks] of waiting) prune(key, marks);
  }
  return {
    flush,
    add(sid, generation, names) {
      if (names.length === 0) return;
      const key = `${generation} ${sid.toString('latin1')}`;
      const marks = waiting.get(key) ?? { sid, generation, names: [] };
      marks.names.push(...names);
      waiting.set(key, marks);
      if (marks.names.length >= MOST_NAMES) prune(key, marks);
      clearTimeout(timer);
      timer = setTimeout(flush, IDLE_MS).unref();
    },
  };
}

/** With all their chunks; an entry that came back meanwhile has no mark. */
const PRUNE = `DELETE e FROM sessiongraph_entries e JOIN sessiongraph_entries m
  ON m.generation = e.generation AND m.sid = e.sid AND m.name = e.name AND m.chunk = 0 AND m.size = ${DELETED}
  WHERE e.generation = ? AND e.sid = ? AND e.name IN (?)`;
