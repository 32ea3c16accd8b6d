import { expect, test } from 'vitest';
import { gotText, logIn, logOff, type PairedScenario, startPaired, usePaired } from './scenario.ts';

const scenario = usePaired();
let nextNumber = 15_560_000;

function createHarbour(paired: PairedScenario) {
  const { simulator, phone, contact } = paired;
  const second = simulator.createContact({ number: String(nextNumber++), devices: 'phone-only' });
  const group = simulator.createGroup({ subject: 'Harbour', members: [phone, contact, second] });
  return { ...paired, second, group };
}

const groupTexts = ({ client }: PairedScenario, jid: string) =>
  client.texts.filter(({ chat }) => chat === jid).map(({ text }) => text);

test('the client knows its groups and their members', async () => {
  const { client, group, contact, phone, second } = createHarbour(scenario());
  const known = await client.socket.groupFetchAllParticipating();
  expect(known[group.jid]).toMatchObject({ subject: 'Harbour', addressingMode: 'lid' });
  const { participants } = await client.socket.groupMetadata(group.jid);
  expect(participants.map(({ id }) => id)).toEqual([phone.lid, contact.lid, second.lid]);
});

test('a text of the client reaches every device of every member', async () => {
  const { simulator, phone, contact, second, client, device, group } = createHarbour(scenario());
  await client.send(group.jid, 'to all');
  await client.send(group.jid, 'to all again');
  for (const text of ['to all', 'to all again']) {
    expect(await contact.waitForText(text, 0)).toMatchObject({ chat: group.jid, from: device.jid });
    expect(await contact.waitForText(text, 5)).toMatchObject({ chat: group.jid });
    expect(await second.waitForText(text)).toMatchObject({ chat: group.jid });
  }
  await simulator.until(() => phone.received.length === 2);
  await device.idle();
});

test('texts of members reach the client, also those sent while it was away', async () => {
  const harbour = createHarbour(scenario());
  const { simulator, contact, second, client, device, group } = harbour;
  await contact.sendText(group, 'one');
  await second.sendText(group, 'two');
  await gotText(client, 'two');
  await device.idle();
  await logOff(client, device);
  await contact.sendText(group, 'three');
  await contact.sendText(group, 'four', { from: 'phone' });
  await logIn(client, device);
  await gotText(client, 'four');
  await device.idle();
  expect(groupTexts(harbour, group.jid).sort()).toEqual(['four', 'one', 'three', 'two']);
  const settled = simulator.settled.filter(({ chat }) => chat === group.jid);
  expect(settled.map(({ outcome }) => outcome)).toEqual(Array(4).fill('received'));
});

test('members read each other, and a removed device is left out', async () => {
  const { simulator, phone, contact, second, client, device, group } = createHarbour(await startPaired());
  await contact.sendText(group, 'among us');
  await second.waitForText('among us');
  phone.removeDevice(device);
  expect(await client.closed()).toBe(401);
  await contact.sendText(group, 'without it');
  await second.waitForText('without it');
  expect(device.queued).toBe(0);
  expect(simulator.anomalies).toEqual([]);
});
