/** Time as an argument, so that tests decide when it passes. */
export interface Clock {
  /** Milliseconds since 1970; may jump. For people and for expiry of tokens. */
  now(): number;
  /** Milliseconds that only grow. For deadlines and durations. */
  monotonicMs(): number;
  /** Resolves after `ms`; at once where `signal` aborts, and never keeps the process alive. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise(resolve => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms).unref();
      signal?.addEventListener('abort', done, { once: true });
    }),
};
