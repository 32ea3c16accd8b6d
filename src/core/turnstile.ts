import type { Clock } from './clock.ts';

/**
 * Lets a few in at a time, in the order in which they came. Nobody keeps a place for longer than the patience: one that
 * hangs must not hold up the others.
 */
export interface Turnstile {
  /** Resolves to what gives the place back; calling that twice is harmless. Who is `over` waits no longer. */
  enter(over: AbortSignal): Promise<() => void>;
}

export interface TurnstileOptions {
  readonly places: number;
  readonly patienceMs: number;
  readonly clock: Clock;
}

export function createTurnstile({ places, patienceMs, clock }: TurnstileOptions): Turnstile {
  const waiting = new Set<() => void>();
  let free = places;

  function take(): () => void {
    free -= 1;
    let isBack = false;
    const cancel = clock.schedule(patienceMs, leave);
    function leave(): void {
      if (isBack) return;
      isBack = true;
      cancel();
      free += 1;
      const [next] = waiting;
      next?.();
    }
    return leave;
  }

  return {
    async enter(over) {
      if (free > 0) return take();
      return new Promise(resolve => {
        const go = () => {
          waiting.delete(go);
          over.removeEventListener('abort', giveUp);
          resolve(take());
        };
        const giveUp = () => {
          waiting.delete(go);
          resolve(() => {});
        };
        waiting.add(go);
        over.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}
