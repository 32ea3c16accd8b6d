import { expect, test } from 'vitest';
import { gotText, logIn, logOff, usePaired } from './scenario.ts';

const scenario = usePaired();

test('a contact that lost its signal sessions asks again, and the client sends again', async () => {
  const { contact, client, device } = scenario();
  await client.send(contact.jid, 'before');
  await contact.waitForText('before', 5);
  await contact.waitForText('before', 0);
  await contact.forgetSignalSessions();
  await client.send(contact.jid, 'after');
  await contact.waitForText('after', 5);
  expect(contact.undecryptable.map(({ isOwnFault }) => isOwnFault)).toContain(true);
  await device.idle();
});

test('a group member that lost its sender keys asks again, and the client sends again', async () => {
  const { simulator, phone, contact, client } = scenario();
  const group = simulator.createGroup({ subject: 'Harbour', members: [phone, contact] });
  await client.send(group.jid, 'before');
  await contact.waitForText('before', 5);
  await contact.forgetSignalSessions();
  await client.send(group.jid, 'after');
  expect(await contact.waitForText('after', 5)).toMatchObject({ chat: group.jid });
});

test('a message that arrives damaged is asked for again, sent again, and settled once', async () => {
  const { simulator, phone, contact, client, device } = scenario();
  const { messageId } = await contact.sendText(phone, 'illegible at first', { damage: 'first-transmission' });
  await gotText(client, 'illegible at first');
  await device.idle();
  expect(client.stubs).not.toEqual([]);
  const settled = simulator.settled.filter(message => message.messageId === messageId);
  expect(settled).toMatchObject([{ outcome: 'received' }]);
});

test('a damaged group message is asked for again and comes with the sender key', async () => {
  const { simulator, phone, contact, client, device } = scenario();
  const group = simulator.createGroup({ subject: 'Harbour', members: [phone, contact] });
  await contact.sendText(group, 'legible at last', { damage: 'first-transmission' });
  await gotText(client, 'legible at last');
  await contact.sendText(group, 'and legible at once');
  await gotText(client, 'and legible at once');
  await device.idle();
  const settled = simulator.settled.filter(({ chat }) => chat === group.jid);
  expect(settled.map(({ outcome }) => outcome)).toEqual(['received', 'received']);
});

test('the resend survives a connection that is cut between the retry receipt and the answer', async () => {
  const { simulator, phone, contact, client, device } = scenario();
  const isResend = (node: { tag: string; content?: unknown }) =>
    node.tag === 'message' && JSON.stringify(node.content).includes('"count"');
  const stop = simulator.intercept(({ direction, node }) => {
    if (direction === 'from-client' || !isResend(node)) return undefined;
    device.disconnect('reset');
    return 'drop';
  });
  await contact.sendText(phone, 'late', { damage: 'first-transmission' });
  await client.closed();
  stop();
  client.connect();
  await gotText(client, 'late');
  await device.idle();
});

test('a message under a running chain whose receipt was lost is asked for again, and comes twice', async () => {
  const { simulator, phone, contact, client, device } = scenario();
  await client.send(contact.jid, 'ask');
  await contact.waitForText('ask', 5);
  const stop = simulator.intercept(({ direction, node }) =>
    direction === 'from-client' && node.tag === 'receipt' ? 'drop' : undefined,
  );
  await contact.sendText(phone, 'twice');
  await gotText(client, 'twice');
  await logOff(client, device);
  stop();
  await logIn(client, device);
  await device.idle();
  expect(client.texts.filter(({ text }) => text === 'twice')).toHaveLength(2);
  expect(simulator.settled.at(-1)).toMatchObject({ text: 'twice', outcome: 'received' });
});
