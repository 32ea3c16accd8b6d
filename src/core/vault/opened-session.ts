import type { Deletion, StoreChain } from '../chain/store-chain.ts';
import { tombstone } from '../chain/tombstone.ts';
import { answerWithin, type Deadline, DeadlinePassed, withinDeadline } from '../deadline.ts';
import { createDeferred } from '../deferred.ts';
import { StoreError } from '../errors.ts';
import type { KeptLease } from '../leases/lease-keeper.ts';
import type { Keyring } from '../sealing/keyring.ts';
import { DATA_KEY, type SessionKey } from '../sealing/session-key.ts';
import type { StatusReason } from '../sessions/session-views.ts';
import type { Entry, SessionStore } from '../store.ts';
import { createSessionEntries, type PlainEntryChange, type SessionEntries } from './session-entries.ts';
import { encodeRecord, RECORD, type SessionRecord } from './session-record.ts';
import { createSessionWriter } from './session-writer.ts';

/** A session that this server holds the lease of. */
export interface OpenedSession {
  readonly entries: SessionEntries;
  readonly record: SessionRecord;
  /**
   * The freshest copy that answered may lack changes that its last owner made elsewhere: it was marked so, and the
   * copy that had them is gone or silent.
   */
  readonly isPossiblyBehind: boolean;
  /** Asks at once whether the session is still ours; where it is not, `onFailure` is told before this resolves. */
  confirmLease(): Promise<void>;
  /** Changes that no other store has but the base. */
  unsent(): number;
  /** A store that does not follow, which is no reason to stop. */
  degraded(): StatusReason | undefined;
  /** Forgets every entry but the data key and begins again with these: a new pairing under the same id. */
  beginAnew(record: SessionRecord, entries: readonly PlainEntryChange[]): Promise<void>;
  /** Puts sealed entries, the wrapped data key among them, in the place of all there are. */
  replaceAll(sealed: readonly Entry[]): Promise<void>;
  /** Puts the data key under the newest secret, as a change like any other. False where it is under that already. */
  rewrapKey(): Promise<boolean>;
  /** Leaves a tombstone in stores that the record excludes. Those that do not answer are told at a later opening. */
  eraseFrom(storeNames: readonly string[]): Promise<Deletion>;
  /** Lets every store catch up, as far as it answers, and gives the lease back. */
  close(): Promise<void>;
  /** Stops at once and writes nothing more; the lease is given back. */
  abandon(): Promise<void>;
}

export interface OpeningDeps {
  readonly chain: StoreChain;
  readonly keyring: Pick<Keyring, 'rewrap'>;
  readonly deadline: Deadline;
  readonly cacheBytes: number;
}

export interface Opening {
  readonly lease: KeptLease;
  readonly record: SessionRecord;
  readonly key: SessionKey;
  /** A store failed for good, or somebody newer owns the session: called before anyone else learns of it. */
  readonly onFailure: (error: Error) => void;
}

/** Takes the freshest copy under a lease that is held already. */
export async function openUnderLease(deps: OpeningDeps, opening: Opening): Promise<OpenedSession> {
  const { chain, keyring, deadline, cacheBytes } = deps;
  const { lease, record, key, onFailure } = opening;
  const { sessionId, epoch } = lease;
  const fenced = createDeferred<never>();
  const onFenced = fenced.reject;
  // It may be lost while the copies are still being opened; the writer hears of it as soon as there is one.
  lease.onLost(onFenced);
  const line = await chain.openSession({ sessionId, epoch, excluded: record.excludedStores, onFenced });
  let isOver = false;
  let { wrapped } = key;

  /** A write that is being tried again when the session is given up must not come back and open it once more. */
  function save(call: () => Promise<void>): Promise<void> {
    const unlessOver = () => (isOver ? Promise.reject(closed(sessionId)) : call());
    return withinDeadline(`saving session ${sessionId}`, deadline, unlessOver).catch(error => {
      throw refusalOfFollower(error) ?? error;
    });
  }

  /** Of an awaited store that refuses, all that is seen here is that nothing came: its follower knows why. */
  function refusalOfFollower(error: Error): StoreError | undefined {
    if (!(error.cause instanceof DeadlinePassed)) return undefined;
    return chain
      .followers(sessionId)
      .find(follower => follower.standing().error)
      ?.standing().error;
  }

  const writer = createSessionWriter({
    sessionId,
    epoch,
    head: line.head,
    now: deadline.clock.monotonicMs,
    apply: change => save(() => chain.applyChange(change)),
    applyReplacement: replacement => save(() => chain.replaceSession(replacement)),
    onFailure(error) {
      isOver = true;
      onFailure(error);
    },
  });
  fenced.promise.catch(writer.revoke);
  const load = (names: readonly string[]) => chain.loadEntries(sessionId, names);
  const entries = createSessionEntries({ sessionId, sealer: key.sealer, writer, load, deadline, cacheBytes });

  async function abandon(): Promise<void> {
    isOver = true;
    writer.close(closed(sessionId));
    chain.abandonSession(sessionId);
    await lease.release();
  }

  async function eraseFrom(storeNames: readonly string[]): Promise<Deletion> {
    const stores = chain.stores.filter(({ name }) => storeNames.includes(name));
    const erased = await Promise.all(stores.map(store => eraseOne(store).catch(() => false)));
    const named = (isErased: boolean) => stores.filter((_, place) => erased[place] === isErased);
    return {
      deletedFrom: named(true).map(({ name }) => name),
      pendingIn: named(false).map(({ name }) => name),
    };
  }

  async function eraseOne(store: SessionStore): Promise<boolean> {
    return answerWithin(store.name, deadline, async () => {
      const copy = await store.readHead(sessionId);
      if (!copy || copy.deleted) return true;
      const head = writer.durableHead();
      await store.replaceSession(tombstone({ sessionId, epoch, head, complete: false }));
      return true;
    });
  }

  function unsent(): number {
    const standings = chain.followers(sessionId).map(follower => follower.standing());
    const owed = standings.map(({ target, confirmed }) => target.revision - (confirmed?.revision ?? 0));
    return owed.length > 0 ? Math.min(...owed) : 0;
  }

  function degraded(): StatusReason | undefined {
    if (lease.doubt()) return UNCONFIRMED;
    const lagging = chain.followers(sessionId).find(follower => follower.standing().error !== undefined);
    if (!lagging) return undefined;
    const { name } = lagging.store;
    const message = `Store ${name} does not take what is saved; the others do. It catches up when it can.`;
    return { code: 'STORE_LAGS', message };
  }

  void eraseFrom(record.excludedStores);
  return {
    entries,
    record,
    eraseFrom,
    isPossiblyBehind: line.isPossiblyBehind,
    abandon,
    degraded,
    unsent,
    confirmLease: lease.confirm,
    replaceAll: sealed => entries.replace([], sealed),

    beginAnew(next, others) {
      const first = { type: RECORD, id: '', value: encodeRecord(next) };
      return entries.replace([first, ...others], [{ name: DATA_KEY, value: wrapped }]);
    },

    async rewrapKey() {
      const rewrapped = keyring.rewrap(sessionId, wrapped);
      if (!rewrapped) return false;
      // Before it is durable: whoever begins anew meanwhile queues behind it, and must not bring the old one back.
      wrapped = rewrapped;
      await writer.write([{ name: DATA_KEY, value: rewrapped }]);
      return true;
    },

    async close() {
      await writer.flush().catch(() => {});
      await chain.closeSession(sessionId);
      await abandon();
    },
  };
}

const UNCONFIRMED: StatusReason = {
  code: 'LEASE_NOT_RENEWED',
  message:
    'The store that decides who runs this session does not answer. It goes on here; if another server was let in ' +
    'meanwhile, it stops when that store is back.',
};

function closed(sessionId: string): StoreError {
  return new StoreError('STORE_CLOSED', 'chain', `session ${sessionId} was closed`);
}
