import { expect, it } from 'vitest';

import { createDeadLetters } from '../../src/webhook-dead-letters.ts';
import { codesOf, startApp, tokenFor } from './test-app.ts';

function scene(lanes: readonly string[]) {
  const revived: number[] = [];
  const deadLetters = createDeadLetters({
    deadLetters: () =>
      lanes.map((lane, place) => ({
        delivery: {
          ...{ number: place + 1, id: `msg_${place}`, endpoint: 'https://user:word@hooks.example/a?b=c' },
          ...{ lane, type: 'session.connected', acceptedAt: 1_000, body: 'for nobody' },
        },
        diedAt: 2_000,
        why: 'answered 500',
      })),
    revive: number => revived.push(number) > 0,
  });
  return { deadLetters, revived };
}

const READ = 'query ($first: Int) { webhookDeadLetters(first: $first) { id sessionId endpoint diedAt } }';
const REVIVE = 'mutation { reviveWebhookDeadLetters(input: {}) { ids } }';

it('shows and revives what is about stores and about sessions that the token may see, and no address', async () => {
  const { deadLetters, revived } = scene(['shop-1', 'bank-1', 'store mongo']);
  const app = await startApp({ deadLetters });
  const token = await tokenFor({ scopes: ['admin'], sessions: ['shop-*'] });
  const { data } = await app.post(READ, { token });
  const endpoint = 'https://hooks.example';
  const diedAt = new Date(2_000).toISOString();
  expect(data?.webhookDeadLetters).toEqual([
    { id: '1', sessionId: 'shop-1', endpoint, diedAt },
    { id: '3', sessionId: null, endpoint, diedAt },
  ]);
  expect((await app.post(REVIVE, { token })).data).toEqual({ reviveWebhookDeadLetters: { ids: ['1', '3'] } });
  expect(revived).toEqual([1, 3]);
});

it('gives a page at a time, and refuses one that is too long', async () => {
  const app = await startApp({ deadLetters: scene(Array<string>(30).fill('shop')).deadLetters });
  const page = async (first?: number) =>
    app.post(READ, { token: await tokenFor({ scopes: ['admin'] }), variables: { first } });
  expect((await page()).data?.webhookDeadLetters).toHaveLength(20);
  expect((await page(30)).data?.webhookDeadLetters).toHaveLength(30);
  expect(codesOf(await page(101))).toEqual(['BAD_USER_INPUT']);
});

it('says that there are none where nobody is called', async () => {
  const app = await startApp();
  const token = await tokenFor({ scopes: ['admin'] });
  expect((await app.post(READ, { token })).data).toEqual({ webhookDeadLetters: [] });
});
