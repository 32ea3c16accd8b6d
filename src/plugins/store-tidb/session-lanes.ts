/** Runs the writes of one session one after the other, in the order they came; those of others beside them. */
export interface SessionLanes {
  run<T>(sessionId: string, task: () => Promise<T>): Promise<T>;
}

export function createSessionLanes(): SessionLanes {
  const lasts = new Map<string, Promise<unknown>>();
  return {
    async run(sessionId, task) {
      const result = (lasts.get(sessionId) ?? Promise.resolve()).then(task);
      const last = result.catch(() => undefined);
      lasts.set(sessionId, last);
      try {
        return await result;
      } finally {
        if (lasts.get(sessionId) === last) lasts.delete(sessionId);
      }
    },
  };
}
