import { createDeferred, type Deferred } from '../deferred.ts';
import { nextHead } from '../position.ts';
import type { Change, Entry, EntryChange, Head, Replacement } from '../store.ts';

/**
 * The one queue of changes of one session.
 *
 * Every change gets the next revision when it arrives. One batch is under way at a time; what arrives meanwhile
 * merges into the next one, the newest value of an entry winning, so a slow store costs latency and not backlog.
 * A batch leaves when all who can run have run: those whom the one before kept waiting go on together.
 * The first failure is the last thing that happens: the writer never skips a change, so it cannot go on after one.
 */
export interface SessionWriter {
  /** Position of the newest change that was handed in, durable or not. */
  head(): Head;
  /** Position of the newest durable change: what others may be told, since it never goes back. */
  durableHead(): Head;
  /** Changes that were handed in and are not durable, and how long the oldest has waited. */
  pending(): { readonly pendingWrites: number; readonly oldestPendingWriteMs: number };
  /** The newest value that is on its way and not durable yet. */
  peek(name: string): EntryChange | undefined;
  /** Resolves when this change and all before it are as durable as WRITE_ACK asks. */
  write(entries: readonly EntryChange[]): Promise<void>;
  /** Puts these entries in the place of all there are, as one change. */
  replace(entries: readonly Entry[]): Promise<void>;
  /** Resolves when everything that was handed in before is durable. */
  flush(): Promise<void>;
  /** Refuses everything from now on, with this error, and says so. A batch under way may still land. */
  revoke(error: Error): void;
  /** The same in peace: nobody is told. */
  close(reason: Error): void;
}

export interface SessionWriterOptions {
  readonly sessionId: string;
  /** Epoch of the lease: the fence of every write. */
  readonly epoch: number;
  readonly head: Head;
  readonly now: () => number;
  /** Makes one batch durable; rejects only when there is no more hope. */
  readonly apply: (change: Change) => Promise<void>;
  /** The same for a whole copy. */
  readonly applyReplacement: (replacement: Replacement) => Promise<void>;
  /** Called before anybody else learns of the failure: whatever must not act on it is stopped here. */
  readonly onFailure: (error: Error) => void;
}

interface Batch {
  readonly base: Head;
  readonly beganAt: number;
  head: Head;
  readonly entries: Map<string, EntryChange>;
  readonly done: Deferred<void>;
}

export function createSessionWriter(options: SessionWriterOptions): SessionWriter {
  const { sessionId, epoch, now, apply, applyReplacement, onFailure } = options;
  let head = options.head;
  let durable = options.head;
  let underway: Batch | undefined;
  let waiting: Batch | undefined;
  let failure: Error | undefined;

  function fail(error: Error): void {
    if (failure) return;
    failure = error;
    onFailure(error);
    dismissWaiters(error);
  }

  /** Nobody who was promised an answer is left without one. */
  function dismissWaiters(error: Error): void {
    underway?.done.reject(error);
    waiting?.done.reject(error);
    underway = waiting = undefined;
  }

  /** After all pending promise jobs: sent at once, the first of many callers would leave alone and the others wait. */
  function sendSoon(): void {
    process.nextTick(() => void send());
  }

  async function send(): Promise<void> {
    if (!waiting || failure) return;
    const batch = waiting;
    underway = batch;
    waiting = undefined;
    try {
      await apply(toChange(batch));
    } catch (error) {
      return fail(error as Error);
    }
    landed(batch);
  }

  function landed(batch: Batch): void {
    durable = batch.head;
    underway = undefined;
    batch.done.resolve();
    if (waiting) sendSoon();
  }

  function flush(): Promise<void> {
    if (failure) return Promise.reject(failure);
    return (waiting ?? underway)?.done.promise ?? Promise.resolve();
  }

  function toChange(batch: Batch): Change {
    const { base, head, entries } = batch;
    return { sessionId, fence: epoch, base, head, complete: true, entries: [...entries.values()] };
  }

  return {
    head: () => head,
    durableHead: () => durable,
    pending() {
      const oldest = underway ?? waiting;
      const oldestPendingWriteMs = oldest ? Math.max(0, now() - oldest.beganAt) : 0;
      return { pendingWrites: head.revision - durable.revision, oldestPendingWriteMs };
    },
    peek: name => waiting?.entries.get(name) ?? underway?.entries.get(name),

    write(entries) {
      if (failure) return Promise.reject(failure);
      if (!waiting && !underway) sendSoon();
      waiting ??= openBatch(head, now());
      head = nextHead(head, epoch, entries);
      waiting.head = head;
      for (const entry of entries) waiting.entries.set(entry.name, entry);
      return waiting.done.promise;
    },

    async replace(entries) {
      // Those who waited for the batch before may have written again by the time this goes on.
      do await flush();
      while (underway || waiting);
      const batch = openBatch(head, now());
      head = batch.head = nextHead(head, epoch, entries);
      underway = batch;
      const replacement = { head: batch.head, complete: true, deleted: false, entries };
      try {
        await applyReplacement({ sessionId, fence: epoch, ...replacement });
      } catch (error) {
        fail(error as Error);
        throw error;
      }
      landed(batch);
    },

    flush,

    revoke: fail,
    close(reason) {
      failure ??= reason;
      dismissWaiters(failure);
    },
  };
}

function openBatch(base: Head, beganAt: number): Batch {
  return { base, beganAt, head: base, entries: new Map(), done: createDeferred() };
}
