import type { Clock } from './clock.ts';
import type { PlainEntryChange, SessionEntries } from './session-entries.ts';

/**
 * The messages that were sent in the last day: for retry receipts, where WhatsApp asks for the text again, and for
 * callers who repeat a request because they never saw its answer.
 *
 * Each message is an entry of its own. What has to go after a day is found without listing anything: the ids stand
 * in pages of `PAGE_SIZE`, and only the first and the last page number are remembered. A send rewrites one page, so
 * its cost does not grow with the traffic.
 */
export interface SentMessages {
  find(messageId: string): Promise<SentMessage | undefined>;
  /**
   * Resolves when the message stands in the session's queue. The queue is ordered and a ratchet is durable before its
   * ciphertext exists, so nothing that is sent afterwards can overtake it.
   */
  add(messageId: string, message: SentMessage): Promise<void>;
  /** Resolves when it is durable that WhatsApp has it. */
  markHandedOver(messageId: string, message: SentMessage): Promise<void>;
}

export interface SentMessage {
  readonly jid: string;
  readonly text: string;
  readonly at: number;
  /** WhatsApp has it: a second request with its id is answered and not sent. */
  readonly isHandedOver: boolean;
}

const MESSAGE = 'sent-message';
const PAGE = 'sent-page';
const PAGES = 'sent-pages';
const PAGE_SIZE = 64;
const KEEP_MS = 24 * 60 * 60 * 1_000;
/** A hard bound beside the day. */
const MAX_PAGES = 4_096;

interface Page {
  readonly ids: readonly string[];
  readonly lastAt: number;
}

interface Pages {
  readonly first: number;
  readonly last: number;
}

export function createSentMessages(entries: SessionEntries, clock: Clock): SentMessages {
  let pages: Pages | undefined;
  let page: Page = { ids: [], lastAt: 0 };
  let turn: Promise<unknown> = Promise.resolve();

  async function readJson<T>(type: string, id: string): Promise<T | undefined> {
    const bytes = (await entries.read(type, [id])).get(id);
    return bytes && JSON.parse(Buffer.from(bytes).toString());
  }

  async function loadPages(): Promise<Pages> {
    if (pages) return pages;
    pages = (await readJson<Pages>(PAGES, '')) ?? { first: 0, last: 0 };
    page = (await readJson<Page>(PAGE, String(pages.last))) ?? page;
    return pages;
  }

  /** The changes that put an id on the last page; a full page begins a new one and drops what is too old. */
  async function enter(messageId: string, at: number): Promise<PlainEntryChange[]> {
    const { first, last } = await loadPages();
    if (page.ids.length < PAGE_SIZE) {
      page = { ids: [...page.ids, messageId], lastAt: at };
      return [json(PAGE, String(last), page)];
    }
    const expired = await expiredPages(first, last, at);
    page = { ids: [messageId], lastAt: at };
    pages = { first: first + expired.length, last: last + 1 };
    const dropped = expired.flatMap(({ number, ids }) => [
      gone(PAGE, String(number)),
      ...ids.map(id => gone(MESSAGE, id)),
    ]);
    return [...dropped, json(PAGES, '', pages), json(PAGE, String(pages.last), page)];
  }

  async function expiredPages(first: number, last: number, now: number) {
    const expired: Array<{ number: number; ids: readonly string[] }> = [];
    for (let number = first; number < last; number += 1) {
      const old = await readJson<Page>(PAGE, String(number));
      const isTooMany = last + 1 - number > MAX_PAGES;
      if (old && !isTooMany && now - old.lastAt < KEEP_MS) break;
      expired.push({ number, ids: old?.ids ?? [] });
    }
    return expired;
  }

  return {
    async find(messageId) {
      const message = await readJson<SentMessage>(MESSAGE, messageId);
      return message && clock.now() - message.at < KEEP_MS ? message : undefined;
    },

    async add(messageId, message) {
      // One after the other: two sends at once must not write the same page from the same state.
      const entered = turn.then(() => enter(messageId, message.at));
      turn = entered.catch(() => {});
      const changes = await entered;
      entries.write([...changes, json(MESSAGE, messageId, message)]).catch(() => {});
    },

    markHandedOver: (messageId, message) =>
      entries.write([json(MESSAGE, messageId, { ...message, isHandedOver: true })]),
  };
}

function json(type: string, id: string, value: unknown): PlainEntryChange {
  return { type, id, value: Buffer.from(JSON.stringify(value)) };
}

function gone(type: string, id: string): PlainEntryChange {
  return { type, id, value: undefined };
}
