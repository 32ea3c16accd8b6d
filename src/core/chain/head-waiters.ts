import { createDeferred, type Deferred } from '../deferred.ts';
import { comparePositions } from '../position.ts';
import type { Position } from '../store.ts';

/** Those who wait until a copy has come to a position. */
export interface HeadWaiters {
  wait(until: Position): Promise<void>;
  /** The copy stands here now. */
  arrive(at: Position): void;
  /** It will come no further. */
  reject(reason: Error): void;
}

export function createHeadWaiters(): HeadWaiters {
  const waiting = new Set<{ until: Position; done: Deferred<void> }>();
  return {
    wait(until) {
      const done = createDeferred();
      waiting.add({ until, done });
      return done.promise;
    },
    arrive(at) {
      for (const waiter of waiting) {
        if (comparePositions(waiter.until, at) > 0) continue;
        waiting.delete(waiter);
        waiter.done.resolve();
      }
    },
    reject(reason) {
      for (const { done } of waiting) done.reject(reason);
      waiting.clear();
    },
  };
}
