import { AsyncLocalStorage } from 'node:async_hooks';
import type { SignalDataSet, SignalKeyStore, SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys';
import { createLane } from '../lane.ts';

/**
 * The key store under the signal repository (law 4).
 *
 * Baileys runs a whole send inside one transaction of its own store and commits last, after the message is on the
 * wire; and its transactions exclude each other only by name, so a send and a receive that touch one ratchet lose an
 * update. Here every transaction of a session waits for the one before it and commits before it returns: a
 * ciphertext does not exist before its ratchet is durable.
 */
export function createSignalKeys(keys: SignalKeyStore): SignalKeyStoreWithTransaction {
  const current = new AsyncLocalStorage<Transaction>();
  const lanes = { signal: createLane(), mapping: createLane() };

  function openTransaction(): Transaction | undefined {
    const transaction = current.getStore();
    return transaction?.isOpen ? transaction : undefined;
  }

  async function run<T>(work: () => Promise<T>): Promise<T> {
    const transaction: Transaction = { isOpen: true, writes: {} };
    try {
      const result = await current.run(transaction, work);
      transaction.isOpen = false;
      if (Object.keys(transaction.writes).length > 0) await keys.set(transaction.writes);
      return result;
    } finally {
      // Work that outlives its transaction writes for itself; what it wrote here would never be committed.
      transaction.isOpen = false;
    }
  }

  const store: SignalKeyStoreWithTransaction = {
    isInTransaction: () => openTransaction() !== undefined,

    async get(type, ids) {
      const written: { [id: string]: (typeof found)[string] | null } = openTransaction()?.writes[type] ?? {};
      const missing = ids.filter(id => !(id in written));
      const found = missing.length > 0 ? await keys.get(type, missing) : {};
      for (const id of ids) {
        const value = written[id];
        if (value !== undefined && value !== null) found[id] = value;
      }
      return found;
    },

    async set(data) {
      const transaction = openTransaction();
      if (transaction) return mergeInto(transaction.writes, data);
      const onlyMappings = Object.keys(data).every(type => type === 'lid-mapping');
      await lanes[onlyMappings ? 'mapping' : 'signal'](async () => keys.set(data));
    },

    transaction(work, name) {
      if (openTransaction()) return work();
      // Looking up a LID may be shared between a transaction and a caller outside of one, and ends by storing the
      // mapping: in the same lane each would wait for the other. It writes mappings and nothing else.
      return lanes[name === 'lid-mapping' ? 'mapping' : 'signal'](() => run(work));
    },
  };
  return store;
}

interface Transaction {
  isOpen: boolean;
  readonly writes: SignalDataSet;
}

function mergeInto(writes: SignalDataSet, data: SignalDataSet): void {
  const target = writes as Record<string, Record<string, unknown>>;
  for (const [type, values] of Object.entries(data)) {
    target[type] = { ...target[type], ...values };
  }
}
