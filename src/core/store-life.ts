import { StoreError } from './errors.ts';

/** From open over closing to closed, with everything that is under way. */
export interface StoreLife {
  /** Rejects unless the store is open; `close` waits for what is started here. */
  call<T>(task: () => Promise<T>): Promise<T>;
  /** Work that nobody waits for and that may fail: what it leaves undone is done another time. */
  inBackground(task: () => Promise<unknown>): void;
  /** Throws unless the store is open. */
  checkOpen(): void;
  /** Throws where it is closed for good: what was begun in time may go on until then. */
  checkNotClosed(): void;
  /** `shutDown` runs once, when all has settled. */
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
  const track = async <T>(started: Promise<T>): Promise<T> => {
    inFlight.add(started);
    try {
      return await started;
    } finally {
      inFlight.delete(started);
    }
  };
  /** What is in flight may start something in the background. */
  const settle = async () => {
    while (inFlight.size > 0) await Promise.allSettled(inFlight);
  };
  return {
    checkOpen,
    checkNotClosed() {
      if (state === 'closed') refuse();
    },
    async call(task) {
      checkOpen();
      return track(task());
    },
    inBackground(task) {
      if (state !== 'closed') track(task()).catch(() => undefined);
    },
    close(shutDown) {
      state = state === 'open' ? 'closing' : state;
      closing ??= settle().then(() => {
        state = 'closed';
        return shutDown();
      });
      return closing;
    },
  };
}
