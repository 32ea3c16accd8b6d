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
  /** Whatever there is, now; and what calls that are under way still add, at once. */
  close(): void;
}

interface Marks {
  readonly sid: Buffer;
  readonly generation: number;
  readonly names: Buffer[];
}

const MOST_NAMES = 64;
const LONGEST_MS = 1_000;
const NAMES_A_STATEMENT = 500;

export function createDeletionMarks(server: SqlServer, life: StoreLife): DeletionMarks {
  const waiting = new Map<string, Marks>();
  let timer: NodeJS.Timeout | undefined;
  let isClosing = false;

  async function prune({ sid, generation, names }: Marks): Promise<void> {
    for (let start = 0; start < names.length; start += NAMES_A_STATEMENT) {
      const some = names.slice(start, start + NAMES_A_STATEMENT);
      await server.run(connection => connection.write(PRUNE, [generation, sid, some]));
    }
  }
  /** One after the other: they leave the connections to those who are waited for. */
  function pruneAll(): void {
    clearTimeout(timer);
    timer = undefined;
    const all = [...waiting.values()];
    waiting.clear();
    life.inBackground(async () => {
      for (const marks of all) await prune(marks).catch(() => undefined);
    });
  }
  return {
    close() {
      isClosing = true;
      pruneAll();
    },
    add(sid, generation, names) {
      if (names.length === 0) return;
      const key = `${generation} ${sid.toString('latin1')}`;
      const marks = waiting.get(key) ?? { sid, generation, names: [] };
      for (const name of names) marks.names.push(name);
      waiting.set(key, marks);
      if (isClosing) pruneAll();
      else if (marks.names.length >= MOST_NAMES) {
        waiting.delete(key);
        life.inBackground(() => prune(marks));
      } else timer ??= setTimeout(pruneAll, LONGEST_MS).unref();
    },
  };
}

/** With all their chunks; an entry that came back meanwhile has no mark. */
const PRUNE = `DELETE e FROM sessiongraph_entries e JOIN sessiongraph_entries m
  ON m.generation = e.generation AND m.sid = e.sid AND m.name = e.name AND m.chunk = 0 AND m.size = ${DELETED}
  WHERE e.generation = ? AND e.sid = ? AND e.name IN (?)`;
