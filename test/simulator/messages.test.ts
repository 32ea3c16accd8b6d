import { expect, test } from 'vitest';
import { gotText, logIn, logOff, usePaired } from './scenario.ts';

const DELIVERED = 3;
const scenario = usePaired();

test('a text of the client reaches every device of the contact and the own phone, and comes back as delivered', async () => {
  const { simulator, phone, contact, client, device } = scenario();
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
});

test('texts of the contact, from its phone and its companion, reach the client and are settled', async () => {
  const { simulator, phone, contact, client, device } = scenario();
  const { messageId } = await contact.sendText(phone, 'from the phone', { from: 'phone' });
  await contact.sendText(phone, 'from the companion');
  await gotText(client, 'from the phone');
  await gotText(client, 'from the companion');
  await device.idle();
  expect(client.texts.map(({ type }) => type)).toEqual(['notify', 'notify']);
  expect(simulator.settled.find(({ text }) => text === 'from the phone')).toMatchObject({
    deviceJid: device.jid,
    chat: contact.jid,
    messageId,
    outcome: 'received',
  });
});

test('a conversation across several connections keeps its ratchets in step', async () => {
  const { simulator, phone, contact, client, device } = scenario();
  const logins = simulator.logins;
  for (const round of [1, 2, 3]) {
    await client.send(contact.jid, `ask ${round}`);
    await contact.waitForText(`ask ${round}`, 5);
    await contact.sendText(phone, `answer ${round}`, { from: round % 2 ? 'companion' : 'phone' });
    await gotText(client, `answer ${round}`);
    await device.idle();
    await logOff(client, device);
    await logIn(client, device);
  }
  expect(simulator.logins).toBe(logins + 3);
});

test('what arrives while the client is away waits, and is delivered as backlog', async () => {
  const { simulator, phone, contact, client, device } = scenario();
  await logOff(client, device);
  await contact.sendText(phone, 'first', { from: 'phone' });
  await contact.sendText(phone, 'second');
  expect(device.queued).toBe(2);
  const known = client.texts.length;
  await logIn(client, device);
  await client.until(() => client.texts.length === known + 2);
  const backlog = client.texts.slice(known).map(({ text, type }) => `${type} ${text}`);
  expect(backlog.sort()).toEqual(['append first', 'append second']);
  await device.idle();
  expect(simulator.settled.slice(-2).map(({ outcome }) => outcome)).toEqual(['received', 'received']);
});

test('a message whose receipt was lost comes again, and is settled as a duplicate', async () => {
  const { simulator, phone, contact, client, device } = scenario();
  const stop = simulator.intercept(({ direction, node }) =>
    direction === 'from-client' && node.tag === 'receipt' ? 'drop' : undefined,
  );
  await contact.sendText(phone, 'twice on the wire');
  await gotText(client, 'twice on the wire');
  await logOff(client, device);
  stop();
  expect(device.queued).toBe(1);
  await logIn(client, device);
  await device.idle();
  expect(client.texts.filter(({ text }) => text === 'twice on the wire')).toHaveLength(1);
  expect(simulator.settled.at(-1)).toMatchObject({ outcome: 'duplicate' });
});

test('a client with complete state recognises every replay', async () => {
  const { simulator, phone, contact, client, device } = scenario();
  const group = simulator.createGroup({ subject: 'Harbour', members: [phone, contact] });
  await contact.sendText(phone, 'opens a signal session');
  await contact.sendText(group, 'to the group');
  await gotText(client, 'to the group');
  await device.idle();
  await logOff(client, device);
  await logIn(client, device);
  const known = client.texts.length;
  expect((await device.replaySettled(2)).sort()).toEqual(['recognised', 'unreadable']);
  expect(client.texts).toHaveLength(known);
});

test('a replay needs somebody to answer it', async () => {
  const { client, device } = scenario();
  await logOff(client, device);
  await expect(device.replaySettled()).rejects.toThrow('nobody is connected');
  await logIn(client, device);
});

test('a chat can be addressed by LID', async () => {
  const { contact, client, device } = scenario();
  const messageId = await client.send(contact.lid, 'hidden number');
  expect(await contact.waitForText('hidden number', 5)).toMatchObject({ messageId });
  await client.until(() => client.statuses.get(messageId) === DELIVERED);
  await device.idle();
});

test('the client can ask which numbers exist', async () => {
  const { client } = scenario();
  const found = await client.socket.onWhatsApp('19990000', '15550002');
  expect(found).toMatchObject([{ jid: '15550002@s.whatsapp.net', exists: true }]);
});
