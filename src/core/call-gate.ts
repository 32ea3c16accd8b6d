import { StoreError } from './errors.ts';

/** Lets calls through until it is closed; closing waits for those that are inside. */
export interface CallGate {
  /** Rejects with STORE_CLOSED once the gate is closing. */
  enter<T>(call: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function createCallGate(store: string): CallGate {
  const inside = new Set<Promise<unknown>>();
  let isClosed = false;
  return {
    async enter(call) {
      if (isClosed) throw new StoreError('STORE_CLOSED', store, 'it is closed');
      const running = call();
      inside.add(running);
      try {
        return await running;
      } finally {
        inside.delete(running);
      }
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(inside);
    },
  };
}
