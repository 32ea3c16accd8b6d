import { expect, test } from 'vitest';
import { gotText, usePaired } from './scenario.ts';

const DELIVERED = 3;
const READ = 4;
const scenario = usePaired();

test('the contact reads what it received, and the client hears of it', async () => {
  const { contact, client, device } = scenario();
  const first = await client.send(contact.jid, 'one');
  await contact.waitForText('one', 0);
  await client.until(() => client.statuses.get(first) === DELIVERED);
  contact.readMessages();
  await client.until(() => client.statuses.get(first) === READ);
  const second = await client.send(contact.jid, 'two');
  await contact.waitForText('two', 0);
  await client.until(() => client.statuses.get(second) === DELIVERED);
  await device.idle();
  contact.readMessages();
  contact.readMessages();
  await client.until(() => client.statuses.get(second) === READ);
  await device.idle();
});

test('the client gets a message and reads it, and the contact hears of both', async () => {
  const { simulator, phone, contact, client, device } = scenario();
  const { messageId } = await contact.sendText(phone, 'read me');
  await gotText(client, 'read me');
  const ofClient = () => contact.receipts.filter(({ from }) => from === device.jid);
  await simulator.until(() => ofClient().length === 1);
  await client.socket.readMessages([{ remoteJid: contact.jid, id: messageId }]);
  await simulator.until(() => ofClient().length === 2);
  expect(ofClient()).toEqual([
    { messageId, from: device.jid, type: 'delivered' },
    { messageId, from: device.jid, type: 'read' },
  ]);
  expect(contact.receipts).toContainEqual({ messageId, from: phone.jid, type: 'delivered' });
});

test('in a group the member who wrote it hears of it', async () => {
  const { simulator, phone, contact, client, device } = scenario();
  const group = simulator.createGroup({ subject: 'Harbour', members: [phone, contact] });
  const sent = await Promise.all(['a', 'b'].map(text => contact.sendText(group, text)));
  await gotText(client, 'b');
  const keys = sent.map(({ messageId: id }) => ({ remoteJid: group.jid, id, participant: contact.lid }));
  await client.socket.readMessages(keys);
  await simulator.until(() => contact.receipts.filter(({ type }) => type === 'read').length === 2);
  await device.idle();
});
