import { copyFile } from 'node:fs/promises';
import { createDurableLines, readLines } from './durable-lines.ts';
import type { Delivery, EntrySealer, OutboxEntry } from './outbox-entries.ts';
import { createShelf, type Room, sizeOf } from './shelf.ts';

const MIB = 1024 * 1024;
const LIMITS: OutboxLimits = {
  waiting: { count: 10_000, bytes: 16 * MIB },
  dead: { count: 1_000, bytes: 16 * MIB },
};

/** Beyond that the oldest go: of those that wait with a word, of the dead without one. */
export interface OutboxLimits {
  readonly waiting: Room;
  readonly dead: Room;
}

export interface DeadLetter {
  readonly delivery: Delivery;
  readonly diedAt: number;
  readonly why: string;
}

/** What is to be delivered, in a file that outlives the process; all of it in memory as well, so it is bounded. */
export interface Outbox {
  /** In the order in which they were accepted. */
  waiting(): readonly Delivery[];
  isWaiting(delivery: Delivery): boolean;
  dead(): readonly DeadLetter[];
  /** Resolves when it is durable; where that fails it waits in memory all the same. */
  accept(delivery: Omit<Delivery, 'number'>): { readonly delivery: Delivery; readonly saved: Promise<void> };
  remove(delivery: Delivery): void;
  /** A dead letter waits again. */
  restore(delivery: Delivery): void;
  bury(delivery: Delivery, diedAt: number, why: string): void;
  /** Lines that nobody could read; the file is kept under another name. */
  readonly unreadable: number;
  close(): Promise<void>;
}

export interface OutboxOptions {
  readonly path: string;
  readonly sealer: EntrySealer;
  readonly onDropped: (delivery: Delivery) => void;
  /** What is lost with a crash now is only that something was done: it is done again. */
  readonly onUnsaved: (error: Error) => void;
  readonly limits?: OutboxLimits;
}

export async function openOutbox({ path, sealer, ...options }: OutboxOptions): Promise<Outbox> {
  const { onDropped, onUnsaved, limits = LIMITS } = options;
  const waiting = createShelf<Delivery>(limits.waiting, delivery => delivery);
  const dead = createShelf<DeadLetter>(limits.dead, ({ delivery }) => delivery);
  let lastNumber = 0;
  let unreadable = 0;

  function apply(entry: OutboxEntry): void {
    if (entry.kind === 'gone') waiting.take(entry.number);
    else if (entry.kind === 'accepted') {
      const { delivery } = entry;
      dead.take(delivery.number);
      waiting.put(delivery);
      lastNumber = Math.max(lastNumber, delivery.number);
    } else {
      const delivery = waiting.take(entry.number);
      if (!delivery) return;
      for (const oldest of dead.tooMany(sizeOf(delivery))) dead.take(oldest.delivery.number);
      dead.put({ ...entry, delivery });
    }
  }

  function* summary(): Generator<OutboxEntry> {
    for (const { delivery, diedAt, why } of dead.values()) {
      yield { kind: 'accepted', delivery };
      yield { kind: 'dead', number: delivery.number, diedAt, why };
    }
    for (const delivery of waiting.values()) yield { kind: 'accepted', delivery };
  }

  function record(entry: OutboxEntry): Promise<void> {
    apply(entry);
    return lines.append(sealer.seal(entry));
  }

  function note(entry: OutboxEntry): void {
    record(entry).catch(onUnsaved);
  }

  /** The oldest go: who was away for so long has to ask how things are, anyway. */
  function makeRoom(bytes: number): void {
    for (const delivery of waiting.tooMany(bytes)) {
      note({ kind: 'gone', number: delivery.number });
      onDropped(delivery);
    }
  }

  for (const line of (await readLines(path)) ?? []) {
    const entry = sealer.open(line);
    if (entry) apply(entry);
    else unreadable += 1;
  }
  // Under another secret it may be readable again: it is not ours to throw away.
  if (unreadable > 0) await copyFile(path, `${path}.unreadable`);
  const lines = createDurableLines(path, () => [...summary()].map(sealer.seal));

  return {
    unreadable,
    waiting: () => [...waiting.values()],
    isWaiting: ({ number }) => waiting.has(number),
    dead: () => [...dead.values()],
    accept(given) {
      makeRoom(sizeOf(given));
      const delivery = { ...given, number: lastNumber + 1 };
      return { delivery, saved: record({ kind: 'accepted', delivery }) };
    },
    remove: ({ number }) => note({ kind: 'gone', number }),
    restore: delivery => note({ kind: 'accepted', delivery }),
    bury: ({ number }, diedAt, why) => note({ kind: 'dead', number, diedAt, why }),
    close: lines.close,
  };
}
