import { expect, test } from 'vitest';
import { gotText, logIn, logOff, startPaired } from './scenario.ts';

const DELIVERED = 3;

test('a text of the client reaches every device of the contact and the own phone, and comes back as delivered', async () => {
  const { simulator, phone, contact, client, device } = await startPaired();
  const messageId = await client.send(contact.jid, 'hello');
  const atPhone = await contact.waitForText('hello', 0);
  const atCompanion = await contact.waitForText('hello', 5);
  expect(atPhone).toMatchObject({ from: device.jid, chat: phone.jid, messageId });
  expect(atCompanion).toMatchObject({ from: device.jid, messageId });
  await simulator.until(() => phone.received.length === 1);
  expect(phone.received[0]).toMatchObject({ chat: contact.jid, text: 'hello' });
  await client.until(() => client.statuses.get(messageId) === DELIVERED);
  await device.idle();
  expect(simulator.clientMessages[0]).toMatchObject({ deviceJid: device.jid, messageId, to: contact.jid });
  expect(simulator.clientMessages[0]?.ackedAt).toBeGreaterThan(0);
  expect(simulator.anomalies).toEqual([]);
});

test('texts of the contact, from its phone and its companion, reach the client and are settled', async () => {
  const { simulator, phone, contact, client, device } = await startPaired();
  const { messageId } = await contact.sendText(phone, 'from the phone');
  await contact.sendText(phone, 'from the companion', { from: 'companion' });
  await gotText(client, 'from the phone');
  await gotText(client, 'from the companion');
  await device.idle();
  expect(client.texts.map(({ type }) => type)).toEqual(['notify', 'notify']);
  expect(simulator.settled[0]).toMatchObject({
    deviceJid: device.jid,
    chat: contact.jid,
    messageId,
    text: 'from the phone',
    outcome: 'received',
  });
  expect(simulator.anomalies).toEqual([]);
});

test('a conversation across several connections keeps its ratchets in step', async () => {
  const { simulator, phone, contact, client, device } = await startPaired();
  for (const round of [1, 2, 3]) {
    await client.send(contact.jid, `ask ${round}`);
    await contact.waitForText(`ask ${round}`, 5);
    await contact.sendText(phone, `answer ${round}`, { from: round % 2 ? 'companion' : 'phone' });
    await gotText(client, `answer ${round}`);
    await device.idle();
    await logOff(client, device);
    await logIn(client, device);
  }
  expect(simulator.logins).toBe(4);
  expect(simulator.anomalies).toEqual([]);
});

test('what arrives while the client is away waits, and is delivered as backlog', async () => {
  const { simulator, phone, contact, client, device } = await startPaired();
  await logOff(client, device);
  await contact.sendText(phone, 'first');
  await contact.sendText(phone, 'second', { from: 'companion' });
  expect(device.queued).toBe(2);
  await logIn(client, device);
  await gotText(client, 'second');
  expect(client.texts.map(({ text, type }) => `${type} ${text}`).sort()).toEqual([
    'append first',
    'append second',
  ]);
  await device.idle();
  expect(simulator.settled.map(({ text }) => text)).toEqual(['first', 'second']);
  expect(simulator.anomalies).toEqual([]);
});
