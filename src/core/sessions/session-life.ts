import type { FirstStatus } from './keep-connected.ts';

/** What a session does by itself, from when it is begun until it comes to rest or somebody ends it. */
export interface SessionLife {
  begin(first?: FirstStatus): void;
  /** Resolves when it has ended. */
  end(): Promise<void>;
  isAlive(): boolean;
  /** Resolves when it rests. */
  settled(): Promise<void>;
}

interface Course {
  readonly over: AbortController;
  readonly done: Promise<void>;
}

export function createSessionLife(
  live: (over: AbortSignal, first: FirstStatus) => Promise<void>,
): SessionLife {
  let course: Course | undefined;
  return {
    begin(first = 'CONNECTING') {
      const over = new AbortController();
      const done = live(over.signal, first).finally(() => {
        if (course === mine) course = undefined;
      });
      const mine: Course = { over, done };
      course = mine;
    },
    async end() {
      course?.over.abort();
      await course?.done;
    },
    isAlive: () => course !== undefined,
    settled: async () => course?.done,
  };
}
