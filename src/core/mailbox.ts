/**
 * What waits for one subscriber: bounded, and independent of every other subscriber, so that one who stops reading
 * harms nobody. (An event emitter behind an async iterator gives neither; see graphql-yoga issue 3692.)
 */
export interface Mailbox<T> extends AsyncIterableIterator<T> {
  push(item: T): void;
  /** Whether nothing was pushed yet: what was true before is news only then. */
  readonly isUntouched: boolean;
  /** What waits is still delivered; then the stream ends. */
  complete(): void;
  /** The stream ends with this error, at once. */
  fail(error: Error): void;
}

export interface MailboxOptions<T> {
  /** Items with the same key replace each other while they wait: the newest wins. */
  readonly keyOf?: (item: T) => string;
  readonly capacity: number;
  /** What happens to a subscriber whose mailbox is full. */
  readonly onFull: () => Error;
  /** Called once, whoever ended the stream. */
  readonly onEnd: () => void;
}

export function createMailbox<T>(options: MailboxOptions<T>): Mailbox<T> {
  const { keyOf, capacity, onFull, onEnd } = options;
  const waiting = new Map<string | number, T>();
  const readers: Array<{ resolve: (result: IteratorResult<T>) => void; reject: (error: Error) => void }> = [];
  let sequence = 0;
  let isUntouched = true;
  let ended: { readonly error?: Error } | undefined;

  function end(how: { readonly error?: Error }): void {
    if (ended) return;
    ended = how;
    for (const reader of readers.splice(0)) {
      if (how.error) reader.reject(how.error);
      else reader.resolve({ done: true, value: undefined });
    }
    onEnd();
  }

  function takeFirst(): T | undefined {
    for (const [key, item] of waiting) {
      waiting.delete(key);
      return item;
    }
    return undefined;
  }

  const mailbox: Mailbox<T> = {
    push(item) {
      if (ended) return;
      isUntouched = false;
      const reader = readers.shift();
      if (reader) return reader.resolve({ done: false, value: item });
      const key = keyOf ? keyOf(item) : sequence++;
      if (!waiting.has(key) && waiting.size >= capacity) return mailbox.fail(onFull());
      waiting.set(key, item);
    },

    get isUntouched() {
      return isUntouched;
    },

    complete: () => end({}),

    fail(error) {
      waiting.clear();
      end({ error });
    },

    async next() {
      if (waiting.size > 0) return { done: false, value: takeFirst() as T };
      if (ended?.error) {
        const { error } = ended;
        ended = {};
        throw error;
      }
      if (ended) return { done: true, value: undefined };
      return new Promise((resolve, reject) => readers.push({ resolve, reject }));
    },

    async return() {
      waiting.clear();
      end({});
      return { done: true, value: undefined };
    },

    [Symbol.asyncIterator]: () => mailbox,
  };
  return mailbox;
}
