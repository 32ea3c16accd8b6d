import { GraphQLError } from 'graphql';
import type { Viewer } from './viewer.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What ends a stream from outside, and who wants to know that it ended. */
export interface StreamEnds {
  readonly viewer: Pick<Viewer, 'expiresAt' | 'isRevoked' | 'onRevoked'>;
  readonly signal: AbortSignal;
  onEnd(): void;
}

/**
 * A subscription's stream with its outer ends: it fails with UNAUTHENTICATED when the token expires or is revoked,
 * and completes when the signal aborts. Whichever end comes first, the source is returned at once and only once.
 *
 * Not an async generator on purpose: there, `return()` waits behind a pending `next()`, so the subscriber of a
 * quiet session would never be let go. Not Promise.race against one long promise either: that keeps every event
 * alive until the token expires. One reader at a time, as GraphQL executors are.
 */
export function guardStream<T>(
  source: AsyncIterator<T>,
  { viewer, signal, onEnd }: StreamEnds,
): AsyncIterableIterator<T> {
  const done: IteratorResult<T> = { done: true, value: undefined };
  let reader: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void } | undefined;
  let failure: { error: unknown } | undefined;
  let isOver = false;

  const end = (cause?: { error: unknown }) => {
    if (isOver) return;
    isOver = true;
    cancelExpiry();
    cancelRevocation();
    signal.removeEventListener('abort', complete);
    if (reader === undefined) failure = cause;
    else if (cause) reader.reject(cause.error);
    else reader.resolve(done);
    // The source has no reader left to tell about a failed return.
    source.return?.().catch(() => undefined);
    onEnd();
  };
  const complete = () => end();
  const cancelExpiry = callAt(viewer.expiresAt, () => end({ error: tokenExpired() }));
  const cancelRevocation = viewer.onRevoked(() => end({ error: tokenRevoked() }));
  // Since the operation began, when nobody waited for it yet.
  if (viewer.isRevoked()) end({ error: tokenRevoked() });
  else if (signal.aborted) end();
  else signal.addEventListener('abort', complete);

  const pass = (result: IteratorResult<T>) => {
    if (isOver) return;
    if (result.done) return end();
    reader?.resolve(result);
    reader = undefined;
  };
  return {
    next: () =>
      new Promise((resolve, reject) => {
        if (isOver) return failure ? reject(takeFailure()) : resolve(done);
        reader = { resolve, reject };
        source.next().then(pass, error => end({ error }));
      }),
    return: () => {
      end();
      return Promise.resolve(done);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };

  /** A failure is told once; the stream is complete after it. */
  function takeFailure() {
    const error = failure?.error;
    failure = undefined;
    return error;
  }
}

/** Fails at the first `next()`, like a stream of something that does not exist. */
export function failingStream(error: Error): AsyncIterator<never> {
  return { next: () => Promise.reject(error) };
}

/** Throws UNAUTHENTICATED where the token is not valid any more: it was when it came. */
export function requireValid({ expiresAt, isRevoked }: Pick<Viewer, 'expiresAt' | 'isRevoked'>): void {
  if (expiresAt.getTime() <= Date.now()) throw tokenExpired();
  if (isRevoked()) throw tokenRevoked();
}

export const tokenExpired = () => unauthenticated('The token has expired.');

const tokenRevoked = () => unauthenticated('The token was revoked.');

const unauthenticated = (message: string) =>
  new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } });

/** Calls back at an instant that may be further away than a timer can reach. Returns the way to call it off. */
function callAt(instant: Date, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = () => {
    const restMs = instant.getTime() - Date.now();
    timer = restMs > LONGEST_TIMER_MS ? setTimeout(arm, LONGEST_TIMER_MS) : setTimeout(callback, restMs);
  };
  arm();
  return () => clearTimeout(timer);
}
