/** Runs one job after the other, in the order of the calls. A job that fails does not stop the next. */
export type Lane = <T>(job: () => Promise<T>) => Promise<T>;

export function createLane(): Lane {
  let last: Promise<unknown> = Promise.resolve();
  return job => {
    const next = last.then(job);
    last = next.catch(() => {});
    return next;
  };
}
