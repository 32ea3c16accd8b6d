import { pagedEntries } from '../../core/paged-entries.ts';
import type { Entry } from '../../core/store.ts';
import { type Page, type PageEntry, readLong, readPage } from './copy-pages.ts';
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
  const first = await readPage(connection, sid, generation);
  const isWhole = first.isLast && first.entries.every(({ value }) => value);
  if (isWhole) await snapshot.release();

  let coming: Promise<Page> | undefined;
  let rest: readonly PageEntry[] = [];

  /** The next one is on its way while the reader is busy with this one; whoever stops never asks how it went. */
  function begin(page: Page): void {
    rest = page.entries;
    coming = page.isLast ? undefined : readPage(connection, sid, generation, page);
    coming?.catch(() => undefined);
  }

  /** As far as values came with the page; a longer one alone, so that no two are in memory at once. */
  async function nextPage(): Promise<readonly Entry[] | undefined> {
    if (rest.length === 0) {
      if (!coming) return undefined;
      begin(await coming);
    }
    const [first] = rest;
    if (first && !first.value) {
      rest = rest.slice(1);
      return [entryOf(first, await readLong(connection, sid, generation, first.name))];
    }
    const long = rest.findIndex(({ value }) => !value);
    const entries = long === -1 ? rest : rest.slice(0, long);
    rest = rest.slice(entries.length);
    return entries.flatMap(entry => (entry.value ? entryOf(entry, entry.value) : []));
  }

  begin(first);
  return pagedEntries({
    nextPage: () => translated(nextPage),
    check() {
      checkOpen();
      if (!isWhole) snapshot.touch();
    },
    release: snapshot.release,
  });
}

/** Views of what came over the network: whoever keeps a value keeps its page. */
const entryOf = ({ name }: PageEntry, { buffer, byteOffset, length }: Uint8Array): Entry => ({
  name: name.toString(),
  value: new Uint8Array(buffer, byteOffset, length),
});
