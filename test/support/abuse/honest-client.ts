import { setTimeout as pause } from 'node:timers/promises';
import type { ServerProcess } from '../server-process.ts';
import { SESSION, type ServerWorld } from '../server-world.ts';

const QUERY = 'query ($id: ID!) { session(id: $id) { status } sessions { totalCount } }';
const EVERY_MS = 50;
/** A text for so many queries. */
const QUERIES_A_TEXT = 5;

export interface HonestReport {
  readonly latenciesMs: readonly number[];
  readonly failures: readonly string[];
  /** Texts that a contact sent; each has to arrive once, in this order. */
  readonly sent: readonly string[];
  readonly received: readonly string[];
}

/** One who asks at a steady rate and watches messages, for so long. A query is sent when it is due, answered or not. */
export async function beHonest(
  { api }: ServerProcess,
  { contact, phone }: ServerWorld,
  durationMs: number,
): Promise<HonestReport> {
  const latenciesMs: number[] = [];
  const failures: string[] = [];
  const sent: string[] = [];
  const received: string[] = [];
  api.subscribe('subscription { messageReceived { text } }', {}, ({ messageReceived }) =>
    received.push(messageReceived.text),
  );

  async function ask(): Promise<void> {
    const began = performance.now();
    try {
      const { session } = await api.request(QUERY, { id: SESSION });
      if (session.status !== 'CONNECTED') failures.push(`the session is ${session.status}`);
    } catch (error) {
      failures.push(String(error));
    }
    latenciesMs.push(performance.now() - began);
  }

  const asking: Promise<void>[] = [];
  const began = performance.now();
  for (let due = began; due < began + durationMs; due += EVERY_MS) {
    await pause(Math.max(0, due - performance.now()));
    asking.push(ask());
    if (asking.length % QUERIES_A_TEXT !== 0) continue;
    const text = `text ${sent.length}`;
    sent.push(text);
    await contact.sendText(phone, text, { from: 'companion' });
  }
  await Promise.all(asking);
  return { latenciesMs, failures, sent, received };
}
