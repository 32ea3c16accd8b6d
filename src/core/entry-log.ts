import type { PlainEntryChange, SessionEntries } from './vault/session-entries.ts';

/**
 * A list of small items among the entries of a session: appended at one end, dropped at the other.
 *
 * Items stand in pages, and only the numbers of the first and the last page are remembered. An append rewrites one
 * page, so its cost does not grow with the list, and what is too old is found without listing anything.
 */
export interface EntryLog<Item> {
  /** The changes that append an item; the caller writes them, with others if it likes. One call at a time counts. */
  append(item: Item, at: number): Promise<Appended<Item>>;
  /** Newest first. */
  newestFirst(): AsyncGenerator<Item>;
  /** All of it as it stands, for entries that begin anew and keep it. */
  whole(): Promise<PlainEntryChange[]>;
}

export interface Appended<Item> {
  readonly changes: readonly PlainEntryChange[];
  /** What fell off the old end with this append. */
  readonly dropped: readonly Item[];
}

export interface EntryLogOptions {
  /** Entry type of the pages; the page numbers stand in `<type>-range`. */
  readonly type: string;
  readonly pageSize: number;
  readonly keepMs: number;
  /** A hard bound beside the time. */
  readonly maxPages: number;
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly lastAt: number;
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Pages that go when a new one begins: more than one, so that it shrinks; few, so that no append pays for a whole day. */
const MOST_DROPPED = 2;

type Readable = Pick<SessionEntries, 'read'>;

export function createEntryLog<Item>(entries: Readable, options: EntryLogOptions): EntryLog<Item> {
  const { type, pageSize, keepMs, maxPages } = options;
  let range: Range | undefined;
  let page: Page<Item> = { items: [], lastAt: 0 };
  let turn: Promise<unknown> = Promise.resolve();

  async function readPage(number: number): Promise<Page<Item> | undefined> {
    return readJson(entries, type, String(number));
  }

  async function load(): Promise<Range> {
    if (range) return range;
    const known = (await readJson<Range>(entries, `${type}-range`, '')) ?? { first: 0, last: 0 };
    page = (await readPage(known.last)) ?? page;
    range = known;
    return known;
  }

  async function enter(item: Item, at: number): Promise<Appended<Item>> {
    const { first, last } = await load();
    if (page.items.length < pageSize) {
      page = { items: [...page.items, item], lastAt: at };
      return { changes: [json(type, String(last), page)], dropped: [] };
    }
    const expired = await expiredPages({ first, last }, at);
    page = { items: [item], lastAt: at };
    range = { first: first + expired.length, last: last + 1 };
    const gone = expired.map((_, place) => ({ type, id: String(first + place), value: undefined }));
    return {
      changes: [...gone, json(`${type}-range`, '', range), json(type, String(range.last), page)],
      dropped: expired.flatMap(({ items }) => items),
    };
  }

  async function expiredPages({ first, last }: Range, now: number): Promise<Page<Item>[]> {
    const expired: Page<Item>[] = [];
    const end = Math.min(last, first + MOST_DROPPED);
    for (let number = first; number < end; number += 1) {
      const old = (await readPage(number)) ?? { items: [], lastAt: 0 };
      const isTooMany = last + 1 - number >= maxPages;
      if (!isTooMany && now - old.lastAt < keepMs) break;
      expired.push(old);
    }
    return expired;
  }

  async function* pages(): AsyncGenerator<{ number: number; page: Page<Item> }> {
    const { first, last } = await load();
    for (let number = last; number >= first; number -= 1) {
      const found = number === range?.last ? page : await readPage(number);
      if (found) yield { number, page: found };
    }
  }

  return {
    append(item, at) {
      // One after the other: two appends at once must not write the same page from the same state.
      const entered = turn.then(() => enter(item, at));
      turn = entered.catch(() => {});
      return entered;
    },

    async *newestFirst() {
      for await (const { page } of pages()) yield* [...page.items].reverse();
    },

    async whole() {
      await turn;
      const changes = [json(`${type}-range`, '', await load())];
      for await (const { number, page } of pages()) changes.push(json(type, String(number), page));
      return changes;
    },
  };
}

async function readJson<T>(entries: Readable, type: string, id: string): Promise<T | undefined> {
  const bytes = (await entries.read(type, [id])).get(id);
  return bytes && JSON.parse(Buffer.from(bytes).toString());
}

function json(type: string, id: string, value: unknown): PlainEntryChange {
  return { type, id, value: Buffer.from(JSON.stringify(value)) };
}
