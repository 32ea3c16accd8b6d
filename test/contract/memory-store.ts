import { StoreError } from '../../src/core/errors.ts';
import type { CopyHead, LoadedSession, Replacement, SessionStore } from '../../src/core/store.ts';
import { createMemoryLeases, type MemoryLease } from './memory-leases.ts';
import { changeCopy, copyOf, type MemoryCopy, type Refusal, replaceCopy } from './memory-rules.ts';

/** What outlives a memory store, so that tests can close one and open another on the same data. */
export interface MemoryDisk {
  readonly copies: Map<string, MemoryCopy>;
  /** Of scope `cluster`. */
  readonly leases: Map<string, MemoryLease>;
}

export const createMemoryDisk = (): MemoryDisk => ({ copies: new Map(), leases: new Map() });

export interface MemoryStoreOptions {
  readonly name?: string;
  readonly disk?: MemoryDisk;
  readonly clock?: { now(): number };
  /** Its leases are of scope `cluster`, last so long and are on the disk: several stores on it are several servers. */
  readonly leaseLifetimeMs?: number;
}

/** A whole store without I/O: for the tests of everything that stands on stores, and the model for those that do. */
export function createMemoryStore(options: MemoryStoreOptions = {}): SessionStore {
  const { name = 'memory', disk = createMemoryDisk(), clock = Date, leaseLifetimeMs } = options;
  const { copies } = disk;
  /** The only calls that take time. */
  const replacing = new Set<Promise<void>>();
  let closed = false;

  const fail = ({ code, message }: Refusal) => new StoreError(code, name, message);
  const checkOpen = () => {
    if (closed) throw fail({ code: 'STORE_CLOSED', message: 'is closed' });
  };
  const readable = (sessionId: string) => {
    checkOpen();
    const copy = copies.get(sessionId);
    if (copy?.damaged) throw fail({ code: 'SESSION_CORRUPT', message: `session ${sessionId} is damaged` });
    return copy;
  };
  const keep = (sessionId: string, outcome: MemoryCopy | Refusal) => {
    if ('code' in outcome) throw fail(outcome);
    copies.set(sessionId, outcome);
  };

  async function replace(replacement: Replacement): Promise<void> {
    const { sessionId } = replacement;
    checkOpen();
    const refusal = replaceCopy(copies.get(sessionId), replacement, new Map(), clock.now());
    if ('code' in refusal) throw fail(refusal);
    const staged = new Map<string, Uint8Array>();
    for await (const entry of replacement.entries) staged.set(entry.name, copyOf(entry.value));
    // Decided again: the copy may have moved while the entries arrived.
    keep(sessionId, replaceCopy(copies.get(sessionId), replacement, staged, clock.now()));
  }

  return {
    name,
    leases: createMemoryLeases({
      copies,
      leases: leaseLifetimeMs === undefined ? new Map() : disk.leases,
      scope: leaseLifetimeMs === undefined ? 'host' : 'cluster',
      lifetimeMs: leaseLifetimeMs ?? Number.POSITIVE_INFINITY,
      clock,
      checkOpen,
      fail,
    }),

    async *listSessions() {
      checkOpen();
      yield [...copies].filter(([, { head, damaged }]) => head ?? damaged).map(([sessionId]) => sessionId);
    },
    readHead: async sessionId => readable(sessionId)?.head,
    loadEntries: async (sessionId, names) => {
      const entries = readable(sessionId)?.entries;
      const found = new Map<string, Uint8Array>();
      for (const name of names) {
        const value = entries?.get(name);
        if (value) found.set(name, copyOf(value));
      }
      return found;
    },
    loadSession: async sessionId => {
      const copy = readable(sessionId);
      return copy?.head && loaded(copy.head, copy.entries, checkOpen);
    },
    applyChange: async change => {
      keep(change.sessionId, changeCopy(readable(change.sessionId), change, clock.now()));
    },
    replaceSession: replacement => {
      const replaced: Promise<void> = replace(replacement).finally(() => replacing.delete(replaced));
      replacing.add(replaced);
      return replaced;
    },
    probe: async () => checkOpen(),
    close: async () => {
      closed = true;
      await Promise.allSettled(replacing);
    },
  };
}

/** Copies are never changed in place, so holding one is holding its state. */
function loaded(head: CopyHead, entries: MemoryCopy['entries'], checkOpen: () => void): LoadedSession {
  async function* stream() {
    for (const [name, value] of entries) {
      checkOpen();
      yield { name, value: copyOf(value) };
    }
  }
  return { head, entries: stream() };
}
