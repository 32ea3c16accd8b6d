import type { Clock } from './clock.ts';
import { createDeferred } from './deferred.ts';
import { StoreError } from './errors.ts';

const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1_000;

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
  const expiry = createDeferred<never>();
  /** Only where something failed: a call that succeeds makes none. */
  let pauses: AbortController | undefined;
  let lastError: unknown;
  let isOver = false;

  const stopWaiting = clock.schedule(ms, () => {
    expiry.reject((lastError as Error | undefined) ?? silent('chain', `${what} took longer than ${ms} ms`));
  });

  async function attempt(): Promise<T> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await call();
      } catch (error) {
        lastError = error;
        if (!isTransient(error)) throw error;
      }
      pauses ??= new AbortController();
      await clock.sleep(pauseMs, pauses.signal);
      if (isOver) throw lastError;
    }
  }

  try {
    return await Promise.race([attempt(), expiry.promise]);
  } finally {
    isOver = true;
    stopWaiting();
    pauses?.abort();
  }
}

/** The cause of a failure that is nothing but silence. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

/** One call, one answer: a store that is silent for too long has failed, and a failure always has a code. */
export async function answerWithin<T>(store: string, deadline: Deadline, call: () => Promise<T>): Promise<T> {
  const { clock, ms } = deadline;
  const silence = createDeferred<never>();
  const stopWaiting = clock.schedule(ms, () => silence.reject(silent(store, `no answer within ${ms} ms`)));
  try {
    return await Promise.race([call(), silence.promise]);
  } catch (cause) {
    throw asStoreError(store, cause);
  } finally {
    stopWaiting();
  }
}

function silent(store: string, message: string): StoreError {
  return new StoreError('STORE_UNAVAILABLE', store, message, { cause: new DeadlinePassed(message) });
}

export function asStoreError(store: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  return new StoreError('STORE_UNAVAILABLE', store, 'it failed in a way it did not name', { cause });
}
