import type { Entry } from '../../core/store.ts';
import { type PageEntry, readLong, readPage } from './copy-reader.ts';
import type { SqlConnection } from './sql-connection.ts';

/** A connection in the middle of a read that sees the database as it was when the read began. */
export interface Snapshot {
  readonly connection: SqlConnection;
  /** Throws where the reader waited too long, or the store is closed. Starts the wait anew. */
  touch(): void;
  release(): Promise<void>;
}

export interface StreamPlan {
  readonly sid: Buffer;
  readonly generation: number;
  /** Throws where the store is closed. */
  readonly checkOpen: () => void;
  /** The error for the caller. */
  readonly translated: <T>(task: () => Promise<T>) => Promise<T>;
}

/**
 * The entries of a copy. The first page is read at once: most copies are not longer, and hold no connection then.
 * Longer ones hold the snapshot until the stream ends, is returned, waits too long, or the store is closed.
 */
export async function streamEntries(
  snapshot: Snapshot,
  { sid, generation, checkOpen, translated }: StreamPlan,
): Promise<AsyncIterable<Entry>> {
  const { connection } = snapshot;
  let page = await readPage(connection, sid, generation, undefined);
  const isWhole = page.isLast && page.entries.every(({ value }) => value);
  if (isWhole) await snapshot.release();

  const load = async ({ name, value }: PageEntry): Promise<Entry> => ({
    name: name.toString(),
    value: value ? new Uint8Array(value) : await readLong(connection, sid, generation, name),
  });
  async function* read(): AsyncGenerator<Entry> {
    for (;;) {
      for (const entry of page.entries) {
        checkOpen();
        if (!isWhole) snapshot.touch();
        yield await translated(() => load(entry));
      }
      const last = page.entries.at(-1)?.name;
      if (page.isLast || !last) return;
      checkOpen();
      snapshot.touch();
      page = await translated(() => readPage(connection, sid, generation, last));
    }
  }
  async function* readAndRelease(): AsyncGenerator<Entry> {
    try {
      yield* read();
    } finally {
      await snapshot.release();
    }
  }
  const entries = readAndRelease();
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => entries.next(),
      async return() {
        // A generator that was never started does not run its `finally`.
        await snapshot.release();
        return entries.return(undefined);
      },
    }),
  };
}
