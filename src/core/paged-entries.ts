import type { Entry } from './store.ts';

export interface PagedSource {
  /** Undefined after the last one. */
  readonly nextPage: () => Promise<readonly Entry[] | undefined>;
  /** Before each entry: throws where the reader may not go on. */
  readonly check: () => void;
  /** Once, when the reader has all, stops or is refused; also where it never began. */
  readonly release: () => Promise<void> | void;
}

const OVER = { done: true, value: undefined } as const;

/**
 * The entries of a copy one by one, where they come by the page; for readers that wait for one before they ask for the
 * next, as `for await` does. An async generator would do, but each one that an entry passes through takes longer than
 * the store does to read it.
 */
export function pagedEntries({ nextPage, check, release }: PagedSource): AsyncIterable<Entry> {
  let page: readonly Entry[] | undefined = [];
  let place = 0;
  let isOver = false;

  async function end(): Promise<typeof OVER> {
    if (!isOver) {
      isOver = true;
      page = undefined;
      await release();
    }
    return OVER;
  }

  function taken(): IteratorResult<Entry> | undefined {
    const value = page?.[place];
    if (!value) return undefined;
    check();
    place += 1;
    return { done: false, value };
  }

  async function turnPage(): Promise<IteratorResult<Entry>> {
    while (page && place >= page.length) {
      check();
      const next = await nextPage();
      if (isOver) return OVER;
      [page, place] = [next, 0];
    }
    return taken() ?? end();
  }

  async function fail(error: unknown): Promise<never> {
    await end();
    throw error;
  }

  function next(): Promise<IteratorResult<Entry>> {
    try {
      const result = taken();
      return result ? Promise.resolve(result) : turnPage().catch(fail);
    } catch (error) {
      return fail(error);
    }
  }

  return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
}
