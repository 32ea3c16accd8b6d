import type { Clock } from './clock.ts';

/** Pauses between attempts, each twice as long as the one before, up to a limit. */
export interface Pace {
  pause(): Promise<void>;
  /** It went well: the next pause is the shortest again. */
  reset(): void;
  /** Ends the pause that is under way. */
  hurry(): void;
}

export function createPace(
  clock: Clock,
  { firstMs, longestMs }: { firstMs: number; longestMs: number },
): Pace {
  let nextMs = firstMs;
  let current: AbortController | undefined;
  return {
    async pause() {
      current = new AbortController();
      const ms = nextMs;
      nextMs = Math.min(nextMs * 2, longestMs);
      await clock.sleep(ms, current.signal);
    },
    reset() {
      nextMs = firstMs;
    },
    hurry() {
      current?.abort();
    },
  };
}
