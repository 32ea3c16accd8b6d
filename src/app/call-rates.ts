import { LRUCache } from 'lru-cache';

/** Subjects and mutations that are remembered at a time. Who is forgotten has not called for longest. */
const REMEMBERED = 10_000;
const MINUTE_MS = 60_000;

interface Bucket {
  readonly left: number;
  readonly at: number;
}

/** Counts a call of a subject; false where it comes too early, and so does not count. */
export type AdmitCall = (subject: string, call: string, perMinute: number) => boolean;

/**
 * How often each subject may make each call: a bucket that holds a minute's worth and fills steadily, so that a
 * burst is no offence and a loop is. `now` must not go back.
 */
export function createCallRates(now: () => number = () => performance.now()): AdmitCall {
  const buckets = new LRUCache<string, Bucket>({ max: REMEMBERED });
  return (subject, call, perMinute) => {
    const key = `${call} ${subject}`;
    const at = now();
    const { left, at: before } = buckets.get(key) ?? { left: perMinute, at };
    const filled = Math.min(perMinute, left + ((at - before) / MINUTE_MS) * perMinute);
    const isAdmitted = filled >= 1;
    buckets.set(key, { left: isAdmitted ? filled - 1 : filled, at });
    return isAdmitted;
  };
}
