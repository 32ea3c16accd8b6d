import type {
  SignalDataSet,
  SignalDataTypeMap,
  SignalKeyStoreWithTransaction,
} from '@whiskeysockets/baileys';
import type { MemoryKeyStore } from './memory-key-store.ts';
import { createSerial } from './serial.ts';

/** The keys of a simulated device as its signal repository uses them. */
export interface PeerKeys {
  readonly keys: SignalKeyStoreWithTransaction;
  /** One call of the repository, when those before are done. What it wrote is forgotten where it fails. */
  call<T>(job: () => Promise<T>): Promise<T>;
}

/**
 * Baileys' own transactions know by their async context what belongs to them, and each device would have one of its
 * own: with the hundreds of devices of a load test, most of the process' time went into handing contexts on. Here one
 * call runs at a time, and so it is known.
 */
export function createPeerKeys(store: MemoryKeyStore): PeerKeys {
  const inTurn = createSerial();
  let writes: Record<string, Record<string, unknown>> | undefined;

  async function alone<T>(job: () => Promise<T>): Promise<T> {
    const written: Record<string, Record<string, unknown>> = {};
    writes = written;
    try {
      const result = await job();
      store.set(written as SignalDataSet);
      return result;
    } finally {
      writes = undefined;
    }
  }

  return {
    call: job => inTurn(() => alone(job)),
    keys: {
      isInTransaction: () => writes !== undefined,
      transaction: work => work(),
      get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
        const found: Record<string, unknown> = { ...store.get(type, ids) };
        for (const id of ids) {
          const written = writes?.[type]?.[id];
          if (written === null) delete found[id];
          else if (written !== undefined) found[id] = written;
        }
        return found as { [id: string]: SignalDataTypeMap[T] };
      },
      set(data) {
        if (!writes) return store.set(data);
        for (const [type, values] of Object.entries(data)) writes[type] = { ...writes[type], ...values };
      },
    },
  };
}
