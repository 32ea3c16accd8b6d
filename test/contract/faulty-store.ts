import { createDeferred } from '../../src/core/deferred.ts';
import { StoreError, type StoreErrorCode } from '../../src/core/errors.ts';
import type { Entry, LeaseStore, SessionStore } from '../../src/core/store.ts';
import {
  createMemoryDisk,
  createMemoryStore,
  type MemoryDisk,
  type MemoryStoreOptions,
} from './memory-store.ts';

export type Operation =
  | 'listSessions'
  | 'readHead'
  | 'loadEntries'
  | 'loadSession'
  /** One entry of a copy on its way out. */
  | 'streamEntry'
  | 'applyChange'
  | 'replaceSession'
  | 'probe'
  | 'acquireLease'
  | 'renewLeases'
  | 'readLease'
  | 'listLeases'
  | 'findReleased'
  | 'releaseLease';

export interface Call {
  readonly operation: Operation;
  readonly argument: unknown;
}

/** A memory store that goes wrong when and how a test wants. */
export interface FaultyStore extends SessionStore {
  readonly leases: LeaseStore;
  readonly disk: MemoryDisk;
  /** Every call so far, also those that went wrong. */
  readonly calls: readonly Call[];
  /** The next calls are refused with this code and do nothing. */
  failNext(operation: Operation, code: StoreErrorCode, times?: number): void;
  /** The next calls do nothing and never answer. */
  hangNext(operation: Operation, times?: number): void;
  /** The next calls are carried out, and answered with STORE_UNAVAILABLE. */
  loseAnswerOfNext(operation: Operation, times?: number): void;
  /** Calls wait, not yet carried out, until the returned function is called. */
  hold(operation: Operation): () => void;
  /** Calls are carried out, and answered when the returned function is called. */
  holdAnswers(operation: Operation): () => void;
  /** Everything is refused with STORE_UNAVAILABLE until `comeUp`. */
  goDown(): void;
  comeUp(): void;
  /** What was ordered and did not happen yet will not. */
  forgive(): void;
  /** Returns what puts back what it has now, leases included. */
  backUp(): () => void;
  /** Everything is gone, as with a new disk. */
  wipe(): void;
  /** The bytes of one session no longer say where it stands. */
  damage(sessionId: string): void;
  /** The last writes never happened, as after a restored backup or an fsync that lied. */
  forget(writes: number): void;
}

type Fault =
  | { readonly kind: 'fail'; readonly code: StoreErrorCode }
  | { readonly kind: 'hang' }
  | { readonly kind: 'lose-answer' };

const WRITES: ReadonlySet<Operation> = new Set(['applyChange', 'replaceSession']);

/** Stores on one disk, with leases that run out, are what several servers see of one database. */
export function createFaultyStore(name: string, options: Omit<MemoryStoreOptions, 'name'> = {}): FaultyStore {
  const { disk = createMemoryDisk() } = options;
  const inner = createMemoryStore({ ...options, name, disk });
  const leases = inner.leases as LeaseStore;
  const calls: Call[] = [];
  const faults = new Map<Operation, Fault[]>();
  const held = new Map<Operation, Promise<void>>();
  const heldAnswers = new Map<Operation, Promise<void>>();
  const past: MemoryDisk['copies'][] = [];
  let isDown = false;

  function add(operation: Operation, fault: Fault, times: number): void {
    faults.set(operation, [...(faults.get(operation) ?? []), ...Array(times).fill(fault)]);
  }

  const refusal = (code: StoreErrorCode, operation: Operation) =>
    new StoreError(code, name, `${operation} was made to fail`);

  async function run<T>(operation: Operation, argument: unknown, call: () => Promise<T>): Promise<T> {
    calls.push({ operation, argument });
    await held.get(operation);
    const fault = faults.get(operation)?.shift();
    if (isDown) throw refusal('STORE_UNAVAILABLE', operation);
    if (fault?.kind === 'fail') throw refusal(fault.code, operation);
    if (fault?.kind === 'hang') return new Promise<T>(() => {});
    const before = new Map(disk.copies);
    const result = await call();
    await heldAnswers.get(operation);
    if (WRITES.has(operation)) past.push(before);
    if (fault?.kind === 'lose-answer') throw refusal('STORE_UNAVAILABLE', operation);
    return result;
  }

  async function* stream(entries: AsyncIterable<Entry>): AsyncIterable<Entry> {
    for await (const entry of entries) yield await run('streamEntry', entry.name, async () => entry);
  }

  function restore(copies: MemoryDisk['copies']): void {
    disk.copies.clear();
    for (const [id, copy] of copies) disk.copies.set(id, copy);
  }

  return {
    name,
    disk,
    calls,
    leases: {
      ...leases,
      acquireLease: request => run('acquireLease', request, () => leases.acquireLease(request)),
      renewLeases: held => run('renewLeases', held, () => leases.renewLeases(held)),
      readLease: sessionId => run('readLease', sessionId, () => leases.readLease(sessionId)),
      listLeases: () => run('listLeases', undefined, () => leases.listLeases()),
      findReleased: asked => run('findReleased', asked, () => leases.findReleased(asked)),
      releaseLease: lease => run('releaseLease', lease, () => leases.releaseLease(lease)),
    },
    async *listSessions() {
      await run('listSessions', undefined, async () => {});
      yield* inner.listSessions();
    },
    readHead: id => run('readHead', id, () => inner.readHead(id)),
    loadEntries: (id, names) => run('loadEntries', names, () => inner.loadEntries(id, names)),
    async loadSession(id) {
      const loaded = await run('loadSession', id, () => inner.loadSession(id));
      return loaded && { head: loaded.head, entries: stream(loaded.entries) };
    },
    applyChange: change => run('applyChange', change, () => inner.applyChange(change)),
    replaceSession: copy => run('replaceSession', copy, () => inner.replaceSession(copy)),
    probe: () => run('probe', undefined, () => inner.probe()),
    close: () => inner.close(),

    failNext: (operation, code, times = 1) => add(operation, { kind: 'fail', code }, times),
    hangNext: (operation, times = 1) => add(operation, { kind: 'hang' }, times),
    loseAnswerOfNext: (operation, times = 1) => add(operation, { kind: 'lose-answer' }, times),
    hold: operation => holdIn(held, operation),
    holdAnswers: operation => holdIn(heldAnswers, operation),
    goDown() {
      isDown = true;
    },
    comeUp() {
      isDown = false;
    },
    forgive: () => faults.clear(),
    backUp() {
      const [copies, leases] = [new Map(disk.copies), new Map(disk.leases)];
      return () => {
        restore(copies);
        disk.leases.clear();
        for (const [id, lease] of leases) disk.leases.set(id, lease);
      };
    },
    wipe: () => restore(new Map()),
    damage(sessionId) {
      const copy = disk.copies.get(sessionId);
      if (copy) disk.copies.set(sessionId, { ...copy, damaged: true });
    },
    forget(writes) {
      const copies = past.splice(-writes)[0];
      if (copies) restore(copies);
    },
  };
}

function holdIn(held: Map<Operation, Promise<void>>, operation: Operation): () => void {
  const { promise, resolve } = createDeferred();
  held.set(operation, promise);
  return () => {
    if (held.get(operation) === promise) held.delete(operation);
    resolve();
  };
}
