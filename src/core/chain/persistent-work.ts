import type { Clock } from '../clock.ts';
import { createPace } from '../pace.ts';

const PAUSES = { firstMs: 100, longestMs: 5_000 };

/** One step after the other until all is done; what fails is tried again, after pauses that grow. */
export interface PersistentWork {
  /** Unless it is under way, or was stopped. */
  begin(): void;
  /** Somebody waits: the next attempt is now. */
  hurry(): void;
  /** For good. */
  stop(): void;
  isBusy(): boolean;
  isStopped(): boolean;
}

export interface WorkOptions {
  readonly clock: Clock;
  readonly isDone: () => boolean;
  /** Knows by itself why it failed. */
  readonly step: () => Promise<void>;
  /** Nothing is left to do for now. */
  readonly onDone: () => void;
}

export function createPersistentWork({ clock, isDone, step, onDone }: WorkOptions): PersistentWork {
  const pace = createPace(clock, PAUSES);
  let isBusy = false;
  let isStopped = false;

  async function work(): Promise<void> {
    isBusy = true;
    while (!isDone() && !isStopped) {
      try {
        await step();
        pace.reset();
      } catch {
        await pace.pause();
      }
    }
    isBusy = false;
    if (!isStopped) onDone();
  }

  return {
    begin: () => void (isBusy || work()),
    hurry: pace.hurry,
    isBusy: () => isBusy,
    isStopped: () => isStopped,
    stop() {
      isStopped = true;
      pace.hurry();
    },
  };
}
