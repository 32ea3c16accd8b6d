import { createDeferred, type Deferred } from './deferred.ts';

/** Those who wait until something that only grows has come to a place. */
export interface Waiters<T> {
  wait(until: T): Promise<void>;
  /** It is here now. */
  arrive(at: T): void;
  /** For those who wait for `upTo` at most, or for all: it will not come. */
  reject(reason: Error, upTo?: T): void;
}

export function createWaiters<T>(compare: (a: T, b: T) => number): Waiters<T> {
  const waiting = new Set<{ readonly until: T; readonly done: Deferred<void> }>();

  function take(upTo: T | undefined): Deferred<void>[] {
    const taken = [...waiting].filter(({ until }) => upTo === undefined || compare(until, upTo) <= 0);
    for (const waiter of taken) waiting.delete(waiter);
    return taken.map(({ done }) => done);
  }

  return {
    wait(until) {
      const done = createDeferred();
      waiting.add({ until, done });
      return done.promise;
    },
    arrive(at) {
      for (const { resolve } of take(at)) resolve();
    },
    reject(reason, upTo) {
      for (const { reject } of take(upTo)) reject(reason);
    },
  };
}
