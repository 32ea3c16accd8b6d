import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newReceiver } from '../plugins/notify-webhook/scene.ts';
import { until } from '../support/condition.ts';
import {
  createServerWorld,
  pairByQr,
  SESSION,
  type ServerWorld,
  waitForStatus,
} from '../support/server-world.ts';

let world: ServerWorld;
beforeEach(async () => {
  world = await createServerWorld();
});
afterEach(() => world.close());

const DELETE = 'mutation ($id: ID!) { deleteSession(input: { id: $id }) { unlinked } }';

it('tells of a session from its pairing to its end, also after a kill, and shows nothing on the disk', async () => {
  const receiver = await newReceiver();
  const events = () => receiver.calls.map(({ body }) => JSON.parse(body));
  const types = () => events().map(({ type }) => type);
  const environment = {
    WEBHOOK_URL: receiver.url,
    WEBHOOK_SECRET: 'a secret of twenty-four characters or more',
    WEBHOOK_ALLOW_LOOPBACK: 'on',
    WEBHOOK_EVENTS: 'session.qr_needed,session.paired,session.connected,session.deleted,message.received',
  };
  const first = await world.start(environment);
  await pairByQr(first, world.phone);
  await until('it is connected', () => types().includes('session.connected'));
  expect(types()).toEqual(['session.qr_needed', 'session.paired', 'session.connected']);
  expect(events()[2]?.data).toMatchObject({
    sessionId: SESSION,
    status: 'CONNECTED',
    phoneNumber: '+15550001',
  });

  receiver.answer = () => ({ status: 503 });
  await world.contact.sendText(world.phone, 'for the webhook');
  await until('it is tried', () => types().includes('message.received'));
  await first.kill('SIGKILL');
  const outbox = await readFile(join(world.firstStore, '.sessiongraph', 'webhooks', 'outbox'), 'latin1');
  expect(outbox + Buffer.from(outbox, 'base64').toString('latin1')).not.toContain('for the webhook');

  const before = receiver.calls.length;
  receiver.answer = () => ({ status: 200 });
  const second = await world.start(environment);
  const delivered = () => events().slice(before);
  await until('it is delivered', () => delivered().some(({ type }) => type === 'message.received'));
  expect(delivered().find(({ type }) => type === 'message.received')?.data.text).toBe('for the webhook');
  await waitForStatus(second.api, 'CONNECTED');
  await second.api.request(DELETE, { id: SESSION });
  await until('the end is told', () => types().includes('session.deleted'));
  expect(await second.kill('SIGTERM')).toBe(0);
});

const DEAD = '{ webhookDeadLetters { id eventId type sessionId endpoint reason acceptedAt diedAt } }';
const REVIVE = `mutation ($ids: [ID!]) {
  reviveWebhookDeadLetters(input: { ids: $ids }) { ids }
}`;

it('shows what was given up to admins, also after a restart, and tries it again when asked', async () => {
  const receiver = await newReceiver();
  receiver.answer = () => ({ status: 410 });
  const environment = {
    WEBHOOK_URL: `${receiver.url}/hook?token=hidden`,
    WEBHOOK_SECRET: 'a secret of twenty-four characters or more',
    WEBHOOK_ALLOW_LOOPBACK: 'on',
    WEBHOOK_EVENTS: 'session.qr_needed,session.deleted',
  };
  const first = await world.start(environment);
  await pairByQr(first, world.phone);
  await until('the endpoint wants no more', () => receiver.calls.length > 0);
  await first.kill('SIGKILL');

  receiver.answer = () => ({ status: 200 });
  const second = await world.start(environment);
  const [letter] = (await second.api.request(DEAD)).webhookDeadLetters;
  expect(letter).toMatchObject({
    type: 'session.qr_needed',
    sessionId: SESSION,
    endpoint: new URL(receiver.url).origin,
    eventId: receiver.calls[0]?.headers['webhook-id'],
  });
  expect(JSON.stringify(letter)).not.toContain('hidden');

  const before = receiver.calls.length;
  expect(await second.api.request(REVIVE, { ids: ['0'] })).toEqual({ reviveWebhookDeadLetters: { ids: [] } });
  expect(await second.api.request(REVIVE, { ids: [letter.id] })).toEqual({
    reviveWebhookDeadLetters: { ids: [letter.id] },
  });
  await until('it is delivered', () => receiver.calls.length > before);
  expect(receiver.calls.at(-1)?.headers['webhook-id']).toBe(letter.eventId);
  expect(await second.api.request(DEAD)).toEqual({ webhookDeadLetters: [] });
});
