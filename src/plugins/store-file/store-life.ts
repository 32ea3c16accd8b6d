import { StoreError } from '../../core/errors.ts';

/** From open over closing to closed, with the calls that are under way. */
export interface StoreLife {
  /** Rejects unless the store is open; `close` waits for what is started here. */
  call<T>(task: () => Promise<T>): Promise<T>;
  /** Throws unless the store is open. */
  checkOpen(): void;
  /** Throws where it is closed for good: what was begun in time may go on until then. */
  checkNotClosed(): void;
  /** `shutDown` runs once, when all calls have settled. */
  close(shutDown: () => Promise<void>): Promise<void>;
}

export function createStoreLife(store: string): StoreLife {
  const inFlight = new Set<Promise<unknown>>();
  let state: 'open' | 'closing' | 'closed' = 'open';
  let closing: Promise<void> | undefined;

  const refuse = () => {
    throw new StoreError('STORE_CLOSED', store, 'is closed');
  };
  const checkOpen = () => {
    if (state !== 'open') refuse();
  };
  return {
    checkOpen,
    checkNotClosed() {
      if (state === 'closed') refuse();
    },
    async call(task) {
      checkOpen();
      const result = task();
      inFlight.add(result);
      try {
        return await result;
      } finally {
        inFlight.delete(result);
      }
    },
    close(shutDown) {
      state = state === 'open' ? 'closing' : state;
      closing ??= Promise.allSettled(inFlight).then(() => {
        state = 'closed';
        return shutDown();
      });
      return closing;
    },
  };
}
