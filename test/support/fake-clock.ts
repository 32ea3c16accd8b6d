import { type Clock, sleepBy } from '../../src/core/clock.ts';

/** Time that passes when a test says so. */
export interface FakeClock extends Clock {
  /** Lets `ms` pass: every sleep that ends meanwhile ends in its order, and what it set off runs before the next. */
  advance(ms: number): Promise<void>;
  /** Sleeps that have not ended. */
  readonly sleepers: number;
}

interface Sleeper {
  readonly wakeAt: number;
  wake(): void;
}

export function createFakeClock(startAt = Date.UTC(2026, 0, 1)): FakeClock {
  const sleepers = new Set<Sleeper>();
  let elapsedMs = 0;

  function nextBy(end: number): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const sleeper of sleepers) {
      if (sleeper.wakeAt <= end && (!next || sleeper.wakeAt < next.wakeAt)) next = sleeper;
    }
    return next;
  }

  function schedule(ms: number, task: () => void): () => void {
    const sleeper = { wakeAt: elapsedMs + ms, wake };
    function wake(): void {
      sleepers.delete(sleeper);
      task();
    }
    sleepers.add(sleeper);
    return () => sleepers.delete(sleeper);
  }

  return {
    now: () => startAt + elapsedMs,
    monotonicMs: () => elapsedMs,
    sleep: (ms, signal) => sleepBy(schedule, ms, signal),
    schedule,
    async advance(ms) {
      const end = elapsedMs + ms;
      await settled();
      for (let next = nextBy(end); next; next = nextBy(end)) {
        elapsedMs = Math.max(elapsedMs, next.wakeAt);
        next.wake();
        await settled();
      }
      elapsedMs = end;
    },
    get sleepers() {
      return sleepers.size;
    },
  };
}

/** Resolves when everything that needs no time has run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise(resolve => setImmediate(resolve));
}
