import type { Clock } from './clock.ts';

/** Pauses between attempts, each twice as long as the one before, up to a limit. */
export interface Pace {
  pause(): Promise<void>;
  /** It went well: the next pause is the shortest again. */
  reset(): void;
  /** Ends the pause that is under way, or else the next one before it begins. */
  hurry(): void;
}

export function createPace(
  clock: Clock,
  { firstMs, longestMs }: { firstMs: number; longestMs: number },
): Pace {
  let nextMs = firstMs;
  let current = new AbortController();
  return {
    async pause() {
      const ms = nextMs;
      nextMs = Math.min(nextMs * 2, longestMs);
      await clock.sleep(ms, current.signal);
      current = new AbortController();
    },
    reset() {
      nextMs = firstMs;
    },
    hurry() {
      current.abort();
    },
  };
}
