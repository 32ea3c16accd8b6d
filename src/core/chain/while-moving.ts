import { asStoreError, type Deadline } from '../deadline.ts';
import { StoreError } from '../errors.ts';

/**
 * Gives work up that made no progress for as long as the deadline: it takes as long as it takes, and what stands still has
 * failed. `work` calls `moved` whenever it got on; `moved` throws once it was given up, so that it stops as well.
 */
export async function whileMoving<T>(
  store: string,
  { clock, ms }: Deadline,
  work: (moved: () => void) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  let lastMs = clock.monotonicMs();

  function moved(): void {
    if (over.signal.aborted) throw new StoreError('STORE_UNAVAILABLE', store, 'it was given up');
    lastMs = clock.monotonicMs();
  }

  async function standstill(): Promise<never> {
    for (let leftMs = ms; leftMs > 0; leftMs = lastMs + ms - clock.monotonicMs()) {
      await clock.sleep(leftMs, over.signal);
      if (over.signal.aborted) break;
    }
    throw new StoreError('STORE_UNAVAILABLE', store, `it made no progress for ${ms} ms`);
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
