import type { StoredCopy } from './copy-head.ts';

/**
 * The heads that this store wrote last, or found where it was to write. A hint and no more: whoever writes upon one says so to the database,
 * which refuses where it is not true. Bounded; the one that was not used for longest is forgotten.
 */
export interface KnownCopies {
  get(sessionId: string): StoredCopy | undefined;
  put(sessionId: string, copy: StoredCopy): void;
  forget(sessionId: string): void;
}

export function createKnownCopies(limit: number): KnownCopies {
  const copies = new Map<string, StoredCopy>();
  return {
    get: sessionId => copies.get(sessionId),
    put(sessionId, copy) {
      copies.delete(sessionId);
      copies.set(sessionId, copy);
      const [oldest] = copies.keys();
      if (copies.size > limit && oldest !== undefined) copies.delete(oldest);
    },
    forget: sessionId => {
      copies.delete(sessionId);
    },
  };
}
