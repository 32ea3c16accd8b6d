import type { Clock } from './clock.ts';
import { StoreError } from './errors.ts';

const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1_000;
/** Given so that no error with a stack is made for every call that succeeds. */
const SETTLED = 'settled';

/** Whether the same call may succeed later. */
export function isTransient(error: unknown): boolean {
  return (
    error instanceof StoreError && (error.code === 'STORE_UNAVAILABLE' || error.code === 'STORE_UNREADABLE')
  );
}

export interface Deadline {
  readonly clock: Clock;
  readonly ms: number;
}

/**
 * Repeats a store call until it succeeds, fails for good, or the deadline passes: then it rejects with the last
 * failure, or with STORE_UNAVAILABLE where the call hangs. A call that hangs is left behind; its result is ignored.
 */
export async function withinDeadline<T>(
  what: string,
  deadline: Deadline,
  call: () => Promise<T>,
): Promise<T> {
  const { clock, ms } = deadline;
  const over = new AbortController();
  let lastError: unknown;

  async function attempt(): Promise<T> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await call();
      } catch (error) {
        lastError = error;
        if (!isTransient(error)) throw error;
      }
      await clock.sleep(pauseMs, over.signal);
      if (over.signal.aborted) throw lastError;
    }
  }

  async function expire(): Promise<never> {
    await clock.sleep(ms, over.signal);
    over.signal.throwIfAborted();
    if (lastError !== undefined) throw lastError;
    throw new StoreError('STORE_UNAVAILABLE', 'chain', `${what} took longer than ${ms} ms`);
  }

  const attempts = attempt();
  const expiry = expire();
  attempts.catch(() => {});
  expiry.catch(() => {});
  try {
    return await Promise.race([attempts, expiry]);
  } finally {
    over.abort(SETTLED);
  }
}

/** One call, one answer: a store that is silent for too long has failed, and a failure always has a code. */
export async function answerWithin<T>(store: string, deadline: Deadline, call: () => Promise<T>): Promise<T> {
  const { clock, ms } = deadline;
  const answered = new AbortController();
  const silence = clock.sleep(ms, answered.signal).then(() => {
    answered.signal.throwIfAborted();
    throw new StoreError('STORE_UNAVAILABLE', store, `no answer within ${ms} ms`);
  });
  silence.catch(() => {});
  try {
    return await Promise.race([call(), silence]);
  } catch (cause) {
    throw asStoreError(store, cause);
  } finally {
    answered.abort(SETTLED);
  }
}

export function asStoreError(store: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  return new StoreError('STORE_UNAVAILABLE', store, 'it failed in a way it did not name', { cause });
}
