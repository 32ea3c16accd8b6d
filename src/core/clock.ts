/** Time as an argument, so that tests decide when it passes. Nothing that waits keeps the process alive. */
export interface Clock {
  /** Milliseconds since 1970; may jump. For people and for expiry of tokens. */
  now(): number;
  /** Milliseconds that only grow. For deadlines and durations. */
  monotonicMs(): number;
  /** Resolves after `ms`; at once where `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Runs `task` after `ms`, unless the returned function is called before. For every call that has a deadline. */
  schedule(ms: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) => sleepBy(systemClock.schedule, ms, signal),
  schedule(ms, task) {
    const timer = setTimeout(task, ms).unref();
    return () => clearTimeout(timer);
  },
};

export function sleepBy(schedule: Clock['schedule'], ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = schedule(ms, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
