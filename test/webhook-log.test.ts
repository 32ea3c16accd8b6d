import { expect, it } from 'vitest';
import type { Outcome } from '../src/plugins/notify-webhook/index.ts';
import { createWebhookLog } from '../src/webhook-log.ts';
import { createFakeClock } from './support/fake-clock.ts';

const delivery = {
  number: 1,
  id: 'msg_1',
  endpoint: 'https://crm.example/hook?token=hidden',
  lane: 'shop',
  type: 'session.paired',
  acceptedAt: 0,
  body: 'hidden',
};
const failed: Outcome = { kind: 'failed', delivery, why: 'the answer was 500' };
const delivered: Outcome = { kind: 'delivered', delivery };

function createLog() {
  const lines: { event: string; dropped?: number }[] = [];
  const note = (line: { event: string }) => void lines.push(line);
  const clock = createFakeClock();
  return { lines, clock, log: createWebhookLog({ info: note, warn: note, error: note } as never, clock) };
}

it('says once that an endpoint fails, and once that it is back, and shows no token', () => {
  const { lines, log } = createLog();
  for (const outcome of [delivered, failed, failed, delivered, delivered]) log.outcome(outcome);
  expect(lines.map(({ event }) => event)).toEqual(['webhook.failing', 'webhook.recovered']);
  expect(JSON.stringify(lines)).toContain('https://crm.example');
  expect(JSON.stringify(lines)).not.toContain('hidden');
});

it('says once a minute that events are dropped, and how many were', async () => {
  const { lines, clock, log } = createLog();
  for (let n = 0; n < 5; n += 1) log.dropped(delivery);
  await clock.advance(60_000);
  log.dropped(delivery);
  expect(lines.map(({ dropped }) => dropped)).toEqual([1, 6]);
});
