/**
 * The contract of a store plugin.
 *
 * A store keeps *copies* of sessions. It sees session ids, opaque entry names and sealed bytes; nothing of
 * Baileys, of encryption or of GraphQL crosses this line. The rules in the comments below are the names of the
 * tests in test/contract, which every store passes, and which the chain of stores passes as well.
 *
 * Every method rejects with a `StoreError`. Absent is an answer, never an error; an error is never "absent".
 * After `close()` every call rejects with STORE_CLOSED.
 */

/** Where a copy stands: compared epoch first, then revision. It never goes back. */
export interface Position {
  /** Fencing token of the writer that made the change. Starts at 1. */
  readonly epoch: number;
  /** Number of the change: one more than the change before, also across epochs. Starts at 1. */
  readonly revision: number;
}

/** The position of a session that has no change yet, and so the base of its first one. */
export const ORIGIN: Position = { epoch: 0, revision: 0 };

/** A position and the history that led to it. */
export interface Head extends Position {
  /**
   * Opaque text. It chains over all changes up to this one, so two copies hold the same history exactly when
   * position and digest agree, however the changes were merged on their way to the stores.
   */
  readonly digest: string;
}

/** The head of a copy as one store holds it. */
export interface CopyHead extends Head {
  /** The highest epoch that ever claimed or wrote this copy; writes with a lower one are refused. */
  readonly fence: number;
  /** False while a writer may hold changes that this copy was not yet told of (law 6). */
  readonly complete: boolean;
  /**
   * A tombstone: the session was deleted at this position. It has no entries and is kept for good. One that is not
   * `complete` is that of a store which was told to forget the session while others keep it.
   */
  readonly deleted: boolean;
  /** Milliseconds since 1970 by the store's clock. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Entry {
  readonly name: string;
  readonly value: Uint8Array;
}

/** The new value of one entry, or undefined where the change deletes it. */
export interface EntryChange {
  readonly name: string;
  readonly value: Uint8Array | undefined;
}

/** One or several consecutive changes as one atomic write: everything after `base` up to `head`. */
export interface Change {
  readonly sessionId: string;
  /** Epoch of the writer that sends this; the changes themselves may be older (catching up). */
  readonly fence: number;
  /** Where the copy must stand. */
  readonly base: Position;
  readonly head: Head;
  readonly complete: boolean;
  /** At most one per entry name. */
  readonly entries: readonly EntryChange[];
}

/** A whole copy on its way into a store. */
export interface Replacement {
  readonly sessionId: string;
  readonly fence: number;
  readonly head: Head;
  readonly complete: boolean;
  /** True writes a tombstone; `entries` is empty then. */
  readonly deleted: boolean;
  readonly entries: AsyncIterable<Entry> | Iterable<Entry>;
}

/** A whole copy on its way out: `entries` is the state at `head`, whatever is written meanwhile. */
export interface LoadedSession {
  readonly head: CopyHead;
  readonly entries: AsyncIterable<Entry>;
}

export interface SessionStore {
  readonly name: string;
  /** Present where this store can decide who runs a session. */
  readonly leases?: LeaseStore;

  /** Ids of all sessions of which this store holds anything, tombstones and damaged copies included, by the page. */
  listSessions(): AsyncIterable<readonly string[]>;

  /** undefined = absent. A copy that was only leased, never written, is absent. */
  readHead(sessionId: string): Promise<CopyHead | undefined>;

  /** The named entries; those that do not exist are left out. Reads what was resolved before the call. */
  loadEntries(sessionId: string, names: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;

  /** undefined = absent. */
  loadSession(sessionId: string): Promise<LoadedSession | undefined>;

  /**
   * Durable and atomic when it resolves: all of the change or none of it, also after kill -9 and power loss.
   * Decided inside the atomic operation that writes, in this order:
   * - `fence` below the copy's fence: STORE_FENCED;
   * - the copy stands at `head` already: with another digest STORE_DIVERGED; with the same one (a lost
   *   acknowledgement is retried, or a new owner claims the copy) only `fence` and `complete` are taken over;
   * - the copy is a tombstone and `head.epoch` is not above the tombstone's: STORE_FENCED (deleted stays deleted);
   * - the copy stands below `base` (an absent one stands at ORIGIN): STORE_STALE;
   * - the copy stands anywhere else than at `base`: STORE_DIVERGED.
   */
  applyChange(change: Change): Promise<void>;

  /**
   * Puts a whole copy in the place of whatever is there: staged, and made visible by one write.
   * - `fence` below the copy's fence: STORE_FENCED;
   * - `head` below the copy's position: STORE_STALE (positions never go back);
   * - the same position with another digest: STORE_DIVERGED.
   * A damaged copy, whose position cannot be told, is set aside and replaced; nothing of it is overwritten.
   */
  replaceSession(replacement: Replacement): Promise<void>;

  /** Resolves where the store can serve reads and writes now. */
  probe(): Promise<void>;

  /** Calls in flight finish first. Closing twice is harmless. */
  close(): Promise<void>;
}

/** The right to run a session. */
export interface Lease {
  readonly sessionId: string;
  /** Instance id of the server. */
  readonly holder: string;
  readonly epoch: number;
}

/** A lease that its holder has now. */
export interface RunningLease extends Lease {
  /** Until it runs out, where it is not renewed before. */
  readonly leftMs: number;
}

export interface LeaseRequest {
  readonly sessionId: string;
  readonly holder: string;
  /** The new epoch must be higher than this: the highest one seen in any copy. */
  readonly above: number;
  /** What becomes of a lease of somebody else that still runs. It is refused where nothing is said. */
  readonly whereHeld?: 'refuse' | 'take-over';
}

export interface LeaseStore {
  /** `host`: one process at a time can open the store at all. `cluster`: many servers share it. */
  readonly scope: 'host' | 'cluster';

  /**
   * How long a lease lasts, counted from the moment its holder asked for it or for its renewal, by the store's own
   * clock. Infinity: as long as the process that opened the store.
   */
  readonly lifetimeMs: number;

  /**
   * The epoch of the lease is higher than `above` and than every epoch this store ever saw for the session. It is
   * the copy's fence, durably, when this resolves. Held by another holder: SESSION_HELD_ELSEWHERE, naming it, unless
   * `whereHeld` says otherwise. The same holder gets a new lease with a new epoch; so does anybody where the lease ran
   * out.
   */
  acquireLease(request: LeaseRequest): Promise<Lease>;

  /**
   * Lets each of them last its whole lifetime from now on, also where it ran out and nobody took it since. Resolves to
   * those that are still their holder's; the others have ended for good. A lease that this store knows nothing of, or
   * only an older one of, is written again: the store was put back to an older state (law 1).
   */
  renewLeases(leases: readonly Lease[]): Promise<readonly Lease[]>;

  /** Lets others acquire it and keeps the epoch. Releasing a lease that is no longer held does nothing. */
  releaseLease(lease: Lease): Promise<void>;

  /** Who holds it now; undefined where nobody does, or where the lease ran out. */
  readLease(sessionId: string): Promise<Lease | undefined>;

  /** All leases that run now. */
  listLeases(): Promise<readonly RunningLease[]>;

  /**
   * Those of them whose sessions are free because this lease, or one that came after it, was released: not where it
   * merely ran out, and not where the store knows only of older ones, as one does that was put back (law 1).
   */
  findReleased(leases: readonly Lease[]): Promise<readonly Lease[]>;
}
