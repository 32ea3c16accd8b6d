/** Everything that came in, in order, for those who wait for something that may have come already. */
export interface EventLog<T> {
  readonly events: readonly T[];
  push(event: T): void;
  /** Resolves with the first event that fits, whether it came before or comes later. */
  first(fits: (event: T) => boolean): Promise<T>;
}

export function createEventLog<T>(): EventLog<T> {
  const events: T[] = [];
  const waiting = new Set<{ fits(event: T): boolean; resolve(event: T): void }>();
  return {
    events,
    push(event) {
      events.push(event);
      for (const waiter of waiting) {
        if (!waiter.fits(event)) continue;
        waiting.delete(waiter);
        waiter.resolve(event);
      }
    },
    first(fits) {
      const known = events.find(fits);
      if (known !== undefined) return Promise.resolve(known);
      return new Promise(resolve => waiting.add({ fits, resolve }));
    },
  };
}
