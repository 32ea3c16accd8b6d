import { LRUCache } from 'lru-cache';
import { type Deadline, withinDeadline } from '../deadline.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { Entry, EntryChange, Head } from '../store.ts';
import type { SessionWriter } from './session-writer.ts';

/** What an entry is called inside the core: `id` is empty for the entries a session has one of. */
export interface EntryRef {
  readonly type: string;
  readonly id: string;
}

export interface PlainEntryChange extends EntryRef {
  /** Undefined deletes the entry. */
  readonly value: Uint8Array | undefined;
}

/**
 * The entries of one open session, in the clear, read through and written to the chain.
 *
 * Reads see every write that was handed in before them, durable or not: whatever is decided on such a value is
 * written behind it in the same queue. The first failure, of a read as much as of a write, closes the handle for
 * good (law 9): libsignal takes a failed read for "no session" and would overwrite what it could not see.
 */
export interface SessionEntries {
  readonly sessionId: string;
  /** Position of the newest durable change. */
  head(): Head;
  /** What is not durable yet. */
  pending: SessionWriter['pending'];
  /** Entries that do not exist are left out. */
  read(type: string, ids: readonly string[]): Promise<Map<string, Uint8Array>>;
  write(changes: readonly PlainEntryChange[]): Promise<void>;
  /** Puts these entries in the place of all there are; `unsealed` ones are put as they are. */
  replace(changes: readonly PlainEntryChange[], unsealed: readonly Entry[]): Promise<void>;
  flush(): Promise<void>;
  revoke(error: Error): void;
}

export interface SessionEntriesOptions {
  readonly sessionId: string;
  readonly sealer: Sealer;
  readonly writer: SessionWriter;
  readonly load: (names: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>;
  readonly deadline: Deadline;
  readonly cacheBytes: number;
}

export function createSessionEntries(options: SessionEntriesOptions): SessionEntries {
  const { sessionId, sealer, writer, deadline, cacheBytes } = options;
  // Sealed bytes, so that every read decodes a value of its own: Baileys changes what it is given.
  const cache = new LRUCache<string, Uint8Array>({
    maxSize: cacheBytes,
    sizeCalculation: value => value.length + 1,
  });
  let writes = 0;

  async function readSealed(names: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>();
    const missing: string[] = [];
    for (const name of names) {
      const underway = writer.peek(name);
      const value = underway ? underway.value : cache.get(name);
      if (value) found.set(name, value);
      else if (!underway) missing.push(name);
    }
    if (missing.length === 0) return found;
    const before = writes;
    const loaded = await withinDeadline(`reading session ${sessionId}`, deadline, () =>
      options.load(missing),
    );
    for (const [name, value] of loaded) {
      found.set(name, value);
      if (writes === before) cache.set(name, value);
    }
    return found;
  }

  async function read(type: string, ids: readonly string[]): Promise<Map<string, Uint8Array>> {
    const idsByName = new Map(ids.map(id => [sealer.nameOf(type, id), id]));
    const values = new Map<string, Uint8Array>();
    for (const [name, blob] of await readSealed([...idsByName.keys()])) {
      const id = idsByName.get(name);
      if (id !== undefined) values.set(id, sealer.unseal(type, id, blob));
    }
    return values;
  }

  async function write(changes: readonly PlainEntryChange[]): Promise<void> {
    writes += 1;
    const sealed = changes.map(seal);
    for (const { name } of sealed) cache.delete(name);
    await writer.write(sealed);
    for (const entry of sealed) cacheDurable(entry);
  }

  function seal({ type, id, value }: PlainEntryChange): EntryChange {
    return value ? sealer.seal(type, id, value) : { name: sealer.nameOf(type, id), value };
  }

  async function replace(changes: readonly PlainEntryChange[], unsealed: readonly Entry[]): Promise<void> {
    const entries = [...unsealed];
    for (const { name, value } of changes.map(seal)) if (value) entries.push({ name, value });
    await writer.replace(entries);
    writes += 1;
    cache.clear();
  }

  /** The cache follows the store and never leads it; a newer value on its way makes this one worthless. */
  function cacheDurable({ name, value }: EntryChange): void {
    if (value && !writer.peek(name)) cache.set(name, value);
  }

  return {
    sessionId,
    head: writer.durableHead,
    pending: writer.pending,
    async read(type, ids) {
      try {
        return await read(type, ids);
      } catch (error) {
        writer.revoke(error as Error);
        throw error;
      }
    },
    write,
    replace,
    flush: writer.flush,
    revoke: writer.revoke,
  };
}
