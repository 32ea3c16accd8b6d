import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../support/condition.ts';
import {
  createServerWorld,
  pairByQr,
  SESSION,
  type ServerWorld,
  sendText,
  waitForStatus,
} from '../support/server-world.ts';

let world: ServerWorld;
beforeEach(async () => {
  world = await createServerWorld();
});
afterEach(() => world.close());

const COPIES = 'query ($id: ID!) { session(id: $id) { epoch revision copies { store state revision } } }';
const MESSAGES = 'subscription { messageReceived { text } }';

it('comes back from the second store after kill -9 and a wiped disk, with no QR code and no message lost', async () => {
  const { simulator, phone, contact } = world;
  const first = await world.start();
  const texts: string[] = [];
  // Before the pairing, which takes longer than to subscribe: what arrives while nobody listens is not kept.
  first.api.subscribe(MESSAGES, {}, ({ messageReceived }) => texts.push(messageReceived.text));
  await pairByQr(first, phone);
  await contact.sendText(phone, 'before');
  await until('the message arrives', () => texts.includes('before'));
  await sendText(first, '+15550002', 'from the bot');
  await contact.waitForText('from the bot', 5);
  const qrCodes = simulator.qrCodesIssued;
  const { session: before } = await first.api.request(COPIES, { id: SESSION });
  expect(before.copies.map(({ state }: { state: string }) => state)).toEqual(['IN_SYNC', 'IN_SYNC']);

  await first.kill('SIGKILL');
  await world.wipeFirstStore();
  await contact.sendText(phone, 'while it was dead');
  const second = await world.start();
  second.api.subscribe(MESSAGES, {}, ({ messageReceived }) => texts.push(messageReceived.text));
  await second.api.subscribed();
  await waitForStatus(second.api, 'CONNECTED');
  await contact.sendText(phone, 'after');
  await until('the next message arrives', () => texts.includes('after'));
  await sendText(second, '+15550002', 'back again');
  await contact.waitForText('back again', 5);

  const { session: after } = await second.api.request(COPIES, { id: SESSION });
  expect(Number(after.epoch)).toBeGreaterThan(Number(before.epoch));
  expect(Number(after.revision)).toBeGreaterThan(Number(before.revision));
  expect(simulator.qrCodesIssued).toBe(qrCodes);
  expect(simulator.anomalies).toEqual([]);
  expect(texts).toEqual(['before', 'while it was dead', 'after']);
  expect(await second.kill('SIGTERM')).toBe(0);
});
