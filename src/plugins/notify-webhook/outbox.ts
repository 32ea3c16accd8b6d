import { copyFile } from 'node:fs/promises';
import { createDurableLines, readLines } from './durable-lines.ts';
import type { Delivery, EntrySealer, OutboxEntry } from './outbox-entries.ts';

const MAX_WAITING = 10_000;
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
const MAX_DEAD = 1_000;

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
  readonly limits?: { readonly waiting: number; readonly waitingBytes: number };
}

export async function openOutbox({ path, sealer, ...options }: OutboxOptions): Promise<Outbox> {
  const { onDropped, onUnsaved } = options;
  const limits = options.limits ?? { waiting: MAX_WAITING, waitingBytes: MAX_WAITING_BYTES };
  const waiting = new Map<number, Delivery>();
  const dead = new Map<number, DeadLetter>();
  let waitingBytes = 0;
  let lastNumber = 0;
  let unreadable = 0;

  function take(number: number): Delivery | undefined {
    const delivery = waiting.get(number);
    if (delivery && waiting.delete(number)) waitingBytes -= sizeOf(delivery);
    return delivery;
  }

  function apply(entry: OutboxEntry): void {
    if (entry.kind === 'gone') take(entry.number);
    else if (entry.kind === 'accepted') {
      const { delivery } = entry;
      take(delivery.number);
      dead.delete(delivery.number);
      waiting.set(delivery.number, delivery);
      waitingBytes += sizeOf(delivery);
      lastNumber = Math.max(lastNumber, delivery.number);
    } else {
      const delivery = take(entry.number);
      if (delivery) dead.set(entry.number, { ...entry, delivery });
      const [oldest] = dead.keys();
      if (oldest !== undefined && dead.size > MAX_DEAD) dead.delete(oldest);
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
    for (const delivery of waiting.values()) {
      const isRoom = waiting.size < limits.waiting && waitingBytes + bytes <= limits.waitingBytes;
      if (isRoom) return;
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

const sizeOf = ({ body, lane }: Pick<Delivery, 'body' | 'lane'>): number =>
  Buffer.byteLength(body) + Buffer.byteLength(lane);
