import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/condition.ts';
import type { Fleet, FleetSession } from './fleet.ts';

/** Messages to and from every session of a fleet, whatever happens to its servers. */
export interface Traffic {
  /** How many were confirmed or settled so far. */
  readonly count: number;
  /** Begins nothing new; resolves when all that was begun is confirmed and settled. */
  stop(): Promise<void>;
}

export interface TrafficOptions {
  /** Between a message and the next one of the same session and direction: half to one and a half of it. */
  readonly pauseMs: number;
  /** In [0, 1). */
  readonly random: () => number;
}

const SEND = 'mutation ($input: SendTextInput!) { sendText(input: $input) { messageId } }';
/** Longer than the longest pauses between a few tries: how soon a session is back is for others to look at. */
const PATIENCE_MS = 180_000;
/** Hundreds of loops ask at once, in the process that plays WhatsApp and the network as well. */
const POLL_MS = 50;
let runs = 0;

export function startTraffic(fleet: Fleet, { pauseMs, random }: TrafficOptions): Traffic {
  const { journal } = fleet;
  const over = new AbortController();
  // Two loops a session wait for its end.
  setMaxListeners(0, over.signal);
  runs += 1;
  const run = runs;
  let count = 0;

  /** The listener goes with the pause: a signal looks through all that it has whenever one more comes. */
  async function pause(): Promise<void> {
    await sleep(pauseMs * (0.5 + random()), undefined, { signal: over.signal }).catch(() => {});
  }

  async function receive({ id, contact, phone, device }: FleetSession): Promise<void> {
    for (let number = 1; !over.signal.aborted; number += 1) {
      const text = `${id} in ${run}.${number}`;
      journal.sent.set(text, { sessionId: id, at: Date.now() });
      await contact.sendText(phone, text);
      count += 1;
      await pause();
    }
    await until(`what was sent to ${id} is settled`, () => device.queued === 0, PATIENCE_MS, POLL_MS);
  }

  async function send(session: FleetSession): Promise<void> {
    for (let number = 1; !over.signal.aborted; number += 1) {
      await sendOne(session, `${session.id} out ${run}.${number}`);
      count += 1;
      await pause();
    }
  }

  /** Asks whoever runs the session until one confirms: with the same id, so that it is one message. */
  async function sendOne({ id, contact }: FleetSession, text: string): Promise<void> {
    const messageId = text.replaceAll(/[^A-Za-z0-9.]/g, '-').toUpperCase();
    const input = { id, to: `+${contact.number}`, text, messageId };
    await until(
      `"${text}" is confirmed`,
      async () => {
        const confirmed = await fleet
          .runnerOf(id)
          ?.ask(SEND, { input })
          .catch(() => undefined);
        return confirmed !== undefined;
      },
      PATIENCE_MS,
      POLL_MS,
    );
    journal.confirmed.set(messageId, { sessionId: id, text });
  }

  const loops = fleet.sessions.flatMap(session => [receive(session), send(session)]);
  // Told by `stop`.
  for (const loop of loops) loop.catch(() => {});
  return {
    get count() {
      return count;
    },
    async stop() {
      over.abort();
      await Promise.all(loops);
    },
  };
}
