/** Lets others wait for a state instead of for a time. */
export interface Observer {
  /** Says that something may have changed, so that the waiting look again. */
  changed(): void;
  /** Calls the listener whenever something may have changed. Returns the unsubscriber. */
  onChange(listener: () => void): () => void;
  /** Resolves as soon as the predicate holds; rejects when the observer stops. */
  until(predicate: () => boolean): Promise<void>;
  stop(): void;
}

interface Waiter {
  readonly predicate: () => boolean;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

export function createObserver(): Observer {
  const waiters = new Set<Waiter>();
  const listeners = new Set<() => void>();
  let stopped = false;

  return {
    changed() {
      for (const waiter of waiters) {
        if (!waiter.predicate()) continue;
        waiters.delete(waiter);
        waiter.resolve();
      }
      for (const listener of listeners) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    until(predicate) {
      if (predicate()) return Promise.resolve();
      if (stopped) return Promise.reject(new Error('the simulator is closed'));
      return new Promise((resolve, reject) => waiters.add({ predicate, resolve, reject }));
    },
    stop() {
      stopped = true;
      for (const { reject } of waiters)
        reject(new Error('the simulator was closed while something was awaited'));
      waiters.clear();
    },
  };
}
