import { asStoreError, type Deadline } from '../deadline.ts';
import { StoreError } from '../errors.ts';
import type { Entry, Head, SessionStore } from '../store.ts';

export interface CopyRequest {
  readonly sessionId: string;
  readonly from: SessionStore;
  readonly to: SessionStore;
  readonly fence: number;
  readonly complete: boolean;
  /** The longest time without progress: a copy takes as long as it is big, and one that stands still has failed. */
  readonly deadline: Deadline;
}

/** Puts what one store holds of a session in the place of what another one holds; resolves with where both stand. */
export async function copySession({
  sessionId,
  from,
  to,
  fence,
  complete,
  deadline,
}: CopyRequest): Promise<Head> {
  return whileMoving(to.name, deadline, async moved => {
    const copy = await from.loadSession(sessionId);
    if (!copy) throw new StoreError('STORE_UNAVAILABLE', from.name, `session ${sessionId} is gone from it`);
    const { head } = copy;
    const { deleted } = head;
    const entries = copy.entries[Symbol.asyncIterator]();
    try {
      await to.replaceSession({
        // Nothing comes after a tombstone, so it is as complete as it was.
        ...{ sessionId, fence, head, deleted, complete: deleted ? head.complete : complete },
        entries: noteEach(entries, moved),
      });
      return head;
    } finally {
      // A target that refuses at once reads nothing, and whoever holds a snapshot for us would hold it for ever.
      entries.return?.()?.catch(() => {});
    }
  });
}

/** `work` calls `moved` whenever it got on; `moved` throws once it was given up, so that it stops reading as well. */
async function whileMoving<T>(
  store: string,
  { clock, ms }: Deadline,
  work: (moved: () => void) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  let lastMs = clock.monotonicMs();

  function moved(): void {
    if (over.signal.aborted) throw new StoreError('STORE_UNAVAILABLE', store, 'the copy was given up');
    lastMs = clock.monotonicMs();
  }

  async function standstill(): Promise<never> {
    for (let leftMs = ms; leftMs > 0; leftMs = lastMs + ms - clock.monotonicMs()) {
      await clock.sleep(leftMs, over.signal);
      if (over.signal.aborted) break;
    }
    throw new StoreError('STORE_UNAVAILABLE', store, `a copy made no progress for ${ms} ms`);
  }

  const stopped = standstill();
  stopped.catch(() => {});
  try {
    return await Promise.race([work(moved), stopped]);
  } catch (cause) {
    throw asStoreError(store, cause);
  } finally {
    over.abort();
  }
}

function noteEach(entries: AsyncIterator<Entry>, moved: () => void): AsyncIterable<Entry> {
  const next = () => {
    moved();
    return entries.next();
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}
