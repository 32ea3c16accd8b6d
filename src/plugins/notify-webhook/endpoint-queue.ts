import type { Clock } from '../../core/clock.ts';
import { createTurnstile } from '../../core/turnstile.ts';
import type { Outbox } from './outbox.ts';
import type { Delivery } from './outbox-entries.ts';
import { GIVE_UP_MS, pauseAfter } from './retry-pace.ts';

const PARALLEL = 8;
/** Longer than an attempt can take. */
const PATIENCE_MS = 30_000;
const GONE = 410;

/** What became of an attempt; `why` names a status or an error, and nothing of the event. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly delivery: Delivery }
  | { readonly kind: 'failed' | 'dead'; readonly delivery: Delivery; readonly why: string }
  /** The receiver asked not to be called any more. */
  | { readonly kind: 'unsubscribed'; readonly delivery: Delivery };

/** Delivers to one endpoint: what is of one lane one after the other, lanes beside each other. */
export interface EndpointQueue {
  push(delivery: Delivery): void;
  /** False after a 410, until the next start. */
  readonly isOpen: boolean;
  /** Begins nothing new; resolves when the attempts under way are over, or were cut. */
  close(): Promise<void>;
}

export interface EndpointQueueOptions {
  readonly outbox: Pick<Outbox, 'isWaiting' | 'remove' | 'bury'>;
  /** Resolves with the status of the answer. */
  readonly send: (delivery: Delivery, cut: AbortSignal) => Promise<number>;
  readonly report: (outcome: Outcome) => void;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** How long attempts may still take when the queue is closed. */
  readonly graceMs: number;
}

export function createEndpointQueue(options: EndpointQueueOptions): EndpointQueue {
  const { outbox, send, report, clock, random, graceMs } = options;
  const lanes = new Map<string, { readonly queue: Delivery[]; readonly done: Promise<void> }>();
  const turnstile = createTurnstile({ places: PARALLEL, patienceMs: PATIENCE_MS, clock });
  const over = new AbortController();
  const cut = new AbortController();
  let isOpen = true;

  function bury(delivery: Delivery, why: string): void {
    outbox.bury(delivery, clock.now(), why);
    report({ kind: 'dead', delivery, why });
  }

  async function attempt(delivery: Delivery): Promise<number | string> {
    const leave = await turnstile.enter(over.signal);
    try {
      return over.signal.aborted ? 'closed' : await send(delivery, cut.signal);
    } catch (error) {
      return describe(error as NodeJS.ErrnoException);
    } finally {
      leave();
    }
  }

  /** True where the delivery is off the queue's hands; false where it is to be tried again. */
  async function settle(delivery: Delivery): Promise<boolean> {
    if (!isOpen) {
      bury(delivery, 'the endpoint has answered 410 to another event');
      return true;
    }
    const answer = await attempt(delivery);
    if (typeof answer === 'number' && answer >= 200 && answer < 300) {
      outbox.remove(delivery);
      report({ kind: 'delivered', delivery });
      return true;
    }
    if (over.signal.aborted) return false;
    const why = typeof answer === 'number' ? `the answer was ${answer}` : answer;
    if (answer === GONE) {
      if (isOpen) report({ kind: 'unsubscribed', delivery });
      isOpen = false;
    } else report({ kind: 'failed', delivery, why });
    const isDue = !isOpen || clock.now() - delivery.acceptedAt >= GIVE_UP_MS;
    if (isDue) bury(delivery, why);
    return isDue;
  }

  async function drain(lane: string, queue: Delivery[]): Promise<void> {
    let failures = 0;
    for (let [head] = queue; head && !over.signal.aborted; [head] = queue) {
      // What is no longer in the outbox had to make room there.
      if (!outbox.isWaiting(head) || (await settle(head))) {
        queue.shift();
        failures = 0;
      } else {
        failures += 1;
        await clock.sleep(pauseAfter(failures, random()), over.signal);
      }
    }
    // In the same breath as the last look at the queue: nothing is pushed in between.
    lanes.delete(lane);
  }

  return {
    get isOpen() {
      return isOpen;
    },

    push(delivery) {
      const lane = lanes.get(delivery.lane);
      if (lane) return void lane.queue.push(delivery);
      const queue = [delivery];
      // Not before the lane is known: an event that needs no waiting would leave it behind.
      const done = Promise.resolve().then(() => drain(delivery.lane, queue));
      lanes.set(delivery.lane, { queue, done });
    },

    async close() {
      over.abort();
      const cancel = clock.schedule(graceMs, () => cut.abort());
      await Promise.all([...lanes.values()].map(({ done }) => done));
      cancel();
    },
  };
}

/** Codes and words of the network; an error of ours has no code and says it itself. */
function describe({ code, message }: NodeJS.ErrnoException): string {
  return code ?? message;
}
