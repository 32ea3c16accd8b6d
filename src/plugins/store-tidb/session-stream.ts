import type { Entry } from '../../core/store.ts';
import { readLong, readPage } from './copy-reader.ts';
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
  const readAfter = (name: Buffer | undefined) => readPage(connection, sid, generation, name);
  const readWhole = (name: Buffer) => readLong(connection, sid, generation, name);
  const first = await readAfter(undefined);
  const isWhole = first.isLast && first.entries.every(({ value }) => value);
  if (isWhole) await snapshot.release();

  async function* read(): AsyncGenerator<Entry> {
    for (let page = first; ; ) {
      const last = page.isLast ? undefined : page.entries.at(-1)?.name;
      // On its way while the reader is busy with this one; whoever stops reading never asks how it went.
      const next = last && readAfter(last);
      next?.catch(() => undefined);
      for (const { name, value: inline } of page.entries) {
        checkOpen();
        if (!isWhole) snapshot.touch();
        const value = inline ? new Uint8Array(inline) : await translated(() => readWhole(name));
        yield { name: name.toString(), value };
      }
      if (!next) return;
      checkOpen();
      snapshot.touch();
      page = await translated(() => next);
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
