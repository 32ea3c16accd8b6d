/** Runs jobs one after another; a job that fails rejects for its caller only. */
export type Serial = <T>(job: () => Promise<T>) => Promise<T>;

export function createSerial(): Serial {
  let tail: Promise<unknown> = Promise.resolve();
  return job => {
    const run = tail.then(job);
    tail = run.catch(() => undefined);
    return run;
  };
}
