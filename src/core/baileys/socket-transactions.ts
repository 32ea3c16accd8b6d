import { AsyncLocalStorage } from 'node:async_hooks';
import type { SignalDataSet, SignalKeyStore, SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys';
import { createKeyedLanes } from '../keyed-lanes.ts';
import { type HeldKeys, mergeKeys } from './merge-keys.ts';

/** What one transaction of one socket has read and written so far. */
interface Transaction {
  readonly owner: object;
  readonly seen: HeldKeys;
  readonly written: HeldKeys;
  /** What ran around it: work of another session, into which this one's came by a queue that they share. */
  readonly outer: Transaction | undefined;
}

const underWay = new AsyncLocalStorage<Transaction>();

/**
 * Baileys' transactions, as its sockets use them, with one AsyncLocalStorage for all sockets of the process.
 *
 * Baileys makes one for each socket and never disables it. Until Node 24 every promise of the process is told to each
 * of them, so an `await` takes 70 ns longer for every socket that there ever was: after a hundred of them a hundred
 * times as long. Otherwise these do what Baileys' own do: what is written inside is seen inside, goes to the store as
 * one change when the work is done, and is forgotten where it fails; transactions under one name take turns, and one
 * inside another is part of it.
 */
export function socketTransactions(store: SignalKeyStore): SignalKeyStoreWithTransaction {
  const owner = {};
  const inTurn = createKeyedLanes();

  function mine(): Transaction | undefined {
    let found = underWay.getStore();
    while (found && found.owner !== owner) found = found.outer;
    return found;
  }

  return {
    isInTransaction: () => mine() !== undefined,

    async get(type, ids) {
      const { seen } = mine() ?? {};
      if (!seen) return store.get(type, ids);
      const known = seen[type] ?? {};
      const missing = ids.filter(id => !(id in known));
      const found = missing.length > 0 ? await store.get(type, missing) : {};
      // What was written while the store was asked is newer.
      const values: Record<string, unknown> = { ...found, ...seen[type] };
      seen[type] = values;
      const wanted = ids.filter(id => values[id] !== undefined && values[id] !== null);
      return Object.fromEntries(wanted.map(id => [id, values[id]])) as typeof found;
    },

    async set(data) {
      const transaction = mine();
      if (!transaction) return store.set(data);
      mergeKeys(transaction.seen, data);
      mergeKeys(transaction.written, data);
    },

    async transaction(work, name) {
      if (mine()) return work();
      return inTurn(name, async () => {
        const transaction: Transaction = { owner, seen: {}, written: {}, outer: underWay.getStore() };
        const result = await underWay.run(transaction, work);
        const { written } = transaction;
        if (Object.keys(written).length > 0) await store.set(written as SignalDataSet);
        return result;
      });
    },
  };
}
