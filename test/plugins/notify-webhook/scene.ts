import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createKeyring } from '../../../src/core/sealing/keyring.ts';
import {
  type Delivery,
  type Outcome,
  openWebhooks,
  type WebhookOptions,
} from '../../../src/plugins/notify-webhook/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { type Receiver, startReceiver } from './receiver.ts';

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
export const KEYS = (await createKeyring(['5e'.repeat(32)])).derive('webhook-outbox');

export async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sessiongraph-webhooks-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export async function newReceiver(): Promise<Receiver> {
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  return receiver;
}

/** Webhooks over a real receiver, with time that a test lets pass. */
export async function openScene(given: Partial<WebhookOptions> & Pick<WebhookOptions, 'urls'>) {
  const clock = createFakeClock();
  const outcomes: Outcome[] = [];
  const dropped: Delivery[] = [];
  const directory = given.directory ?? (await newDirectory());
  const webhooks = await openWebhooks({
    secret: SECRET,
    allowLoopback: true,
    directory,
    keys: KEYS,
    clock,
    random: () => 1,
    report: outcome => void outcomes.push(outcome),
    onDropped: delivery => void dropped.push(delivery),
    onUnsaved: () => {},
    ...given,
  });
  onTestFinished(() => webhooks.close());
  const publish = (lane: string, n: number) =>
    webhooks.publish({ type: 'session.connected', lane, at: new Date(clock.now()), data: { lane, n } });
  return { clock, outcomes, dropped, directory, webhooks, publish };
}

export const numbersOf = (receiver: Receiver): number[] =>
  receiver.calls.map(({ body }) => JSON.parse(body).data.n);
