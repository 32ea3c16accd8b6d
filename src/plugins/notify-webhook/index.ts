import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { DerivedKey } from '../../core/sealing/keyring.ts';
import { createEndpointQueue, type Outcome } from './endpoint-queue.ts';
import { createGuardedLookup, type ResolveAll } from './guarded-lookup.ts';
import { type DeadLetter, type OutboxLimits, openOutbox } from './outbox.ts';
import { createEntrySealer, type Delivery } from './outbox-entries.ts';
import { post } from './post.ts';
import { isPublicAddress, isPublicOrLoopback } from './public-addresses.ts';
import { readSigningKey, signatureHeaders } from './signature.ts';

const GRACE_MS = 1_000;

/** Something that happened, for those who are called when it does. */
export interface WebhookEvent {
  /** By which a receiver knows it again; made up where it is left out. */
  readonly id?: string;
  readonly type: string;
  /** What arrives in order: the session, or the store. */
  readonly lane: string;
  readonly at: Date;
  /** No code, key or token, ever. */
  readonly data: object;
}

export type { DeadLetter, Delivery, Outcome };

/** Calls every endpoint for every event: at least once, and in order for each session. */
export interface Webhooks {
  /** Resolves when the event is durable; rejects where that failed, and delivers it from memory nonetheless. */
  publish(event: WebhookEvent): Promise<void>;
  /** Oldest first. */
  deadLetters(): readonly DeadLetter[];
  /** Tries a dead letter again, as if it were new; false where there is none of that number. */
  revive(number: number): boolean;
  counts(): { readonly waiting: number; readonly dead: number };
  /** Lines of the outbox that could not be read when it was opened. */
  readonly unreadable: number;
  /** What is not delivered by then is delivered after the next start. */
  close(): Promise<void>;
}

export interface WebhookTarget {
  readonly urls: readonly string[];
  readonly secret: string;
  readonly allowLoopback: boolean;
}

export interface WebhookOptions extends WebhookTarget {
  /** Where the outbox is kept. */
  readonly directory: string;
  /** Newest first. */
  readonly keys: readonly DerivedKey[];
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly report: (outcome: Outcome) => void;
  /** There was no room for it any more. */
  readonly onDropped: (delivery: Delivery) => void;
  readonly onUnsaved: (error: Error) => void;
  readonly limits?: OutboxLimits;
}

export async function openWebhooks(options: WebhookOptions): Promise<Webhooks> {
  const { urls, clock, directory, keys } = options;
  const send = createSender(options, clock);
  const outbox = await openOutbox({
    ...options,
    path: join(directory, 'outbox'),
    sealer: createEntrySealer(keys),
  });
  const queues = new Map(
    urls.map(url => [url, createEndpointQueue({ ...options, outbox, send, graceMs: GRACE_MS })]),
  );
  for (const delivery of outbox.waiting()) {
    const queue = queues.get(delivery.endpoint);
    // Nobody has configured it any more.
    if (queue) queue.push(delivery);
    else outbox.remove(delivery);
  }

  async function accept(given: Omit<Delivery, 'number'>): Promise<void> {
    const { delivery, saved } = outbox.accept(given);
    await saved.finally(() => queues.get(delivery.endpoint)?.push(delivery));
  }

  return {
    unreadable: outbox.unreadable,
    deadLetters: outbox.dead,
    counts: () => ({ waiting: outbox.waiting().length, dead: outbox.dead().length }),

    async publish({ id = randomUUID(), type, lane, at, data }) {
      const body = JSON.stringify({ type, timestamp: at, data });
      const open = urls.filter(url => queues.get(url)?.isOpen);
      const event = { id: `msg_${id}`, lane, type, acceptedAt: clock.now(), body };
      await Promise.all(open.map(endpoint => accept({ ...event, endpoint })));
    },

    revive(number) {
      const letter = outbox.dead().find(({ delivery }) => delivery.number === number);
      if (!letter) return false;
      const delivery = { ...letter.delivery, acceptedAt: clock.now() };
      outbox.restore(delivery);
      queues.get(delivery.endpoint)?.push(delivery);
      return true;
    },

    async close() {
      await Promise.all([...queues.values()].map(queue => queue.close()));
      await outbox.close();
    },
  };
}

/** One signed attempt; resolves with the status of the answer. For the queues, and for a test of the endpoints. */
export function createSender(
  { secret, allowLoopback, resolve }: WebhookTarget & { readonly resolve?: ResolveAll },
  clock: Clock,
) {
  const key = readSigningKey(secret);
  const isAllowed = allowLoopback ? isPublicOrLoopback : isPublicAddress;
  const way = { isAllowed, lookup: createGuardedLookup(isAllowed, resolve), clock };
  return ({ endpoint, id, body }: Pick<Delivery, 'endpoint' | 'id' | 'body'>, cut: AbortSignal) =>
    post(endpoint, signatureHeaders(key, id, clock.now(), body), body, way, cut);
}
