/**
 * A look that any number of callers share. Each gets one that began no earlier than its call: who comes while one is
 * under way shares the next with all who come by then, so that a flood of callers costs one look at a time.
 */
export function createJointLook<T>(look: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined;
  let next: Promise<T> | undefined;

  function begin(): Promise<T> {
    next = undefined;
    const begun = look().finally(() => {
      if (current === begun) current = undefined;
    });
    current = begun;
    return begun;
  }

  return () => {
    if (!current) return begin();
    next ??= current.then(begin, begin);
    return next;
  };
}
