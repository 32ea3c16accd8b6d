/** Runs the jobs of one key one after the other, in the order of the calls; those of other keys beside them. */
export type KeyedLanes = <T>(key: string, job: () => Promise<T>) => Promise<T>;

export function createKeyedLanes(): KeyedLanes {
  const lasts = new Map<string, Promise<unknown>>();
  return async (key, job) => {
    const result = (lasts.get(key) ?? Promise.resolve()).then(job);
    const last = result.catch(() => {});
    lasts.set(key, last);
    try {
      return await result;
    } finally {
      if (lasts.get(key) === last) lasts.delete(key);
    }
  };
}
