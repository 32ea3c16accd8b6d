import { Curve } from '@whiskeysockets/baileys';
import { expect, test } from 'vitest';
import type { AuthSnapshot } from './memory-auth.ts';
import { gotText, logIn, logOff, type PairedScenario, startPaired } from './scenario.ts';

/** A scenario in which client and companion of the contact have each sent and received. */
async function startConversation(): Promise<PairedScenario> {
  const scenario = await startPaired();
  const { phone, contact, client, device } = scenario;
  await client.send(contact.jid, 'ask');
  await contact.waitForText('ask', 5);
  await contact.sendText(phone, 'answer');
  await gotText(client, 'answer');
  await device.idle();
  return scenario;
}

/** The client comes back as it was at the time of the snapshot. */
async function goBackTo(snapshot: AuthSnapshot, { client, device }: PairedScenario): Promise<void> {
  await logOff(client, device);
  client.restore(snapshot);
  await logIn(client, device);
}

const kinds = ({ simulator }: PairedScenario) => new Set(simulator.anomalies.map(({ kind }) => kind));

test('a client that forgot what it sent re-uses a ratchet step, and its peer cannot read it', async () => {
  const scenario = await startConversation();
  const { simulator, contact, client } = scenario;
  const snapshot = client.auth.snapshot();
  await client.send(contact.jid, 'forgotten');
  await contact.waitForText('forgotten', 5);
  expect(simulator.anomalies).toEqual([]);
  await goBackTo(snapshot, scenario);
  await client.send(contact.jid, 'in its place');
  await contact.waitForText('in its place', 5);
  expect(kinds(scenario)).toEqual(new Set(['ratchet-reuse', 'undecryptable']));
  expect(simulator.anomalies[0]?.deviceJid).toBe(scenario.device.jid);
  expect(contact.undecryptable).toMatchObject([{ device: 5, isOwnFault: false }]);
});

test('a client that forgot a group message re-uses a sender-key step', async () => {
  const scenario = await startConversation();
  const { simulator, phone, contact, client } = scenario;
  const group = simulator.createGroup({ subject: 'Harbour', members: [phone, contact] });
  await client.send(group.jid, 'known');
  await contact.waitForText('known', 5);
  const snapshot = client.auth.snapshot();
  await client.send(group.jid, 'forgotten');
  await contact.waitForText('forgotten', 5);
  expect(simulator.anomalies).toEqual([]);
  await goBackTo(snapshot, scenario);
  await client.send(group.jid, 'in its place');
  await simulator.until(() => kinds(scenario).has('undecryptable'));
  expect(kinds(scenario)).toContain('sender-key-reuse');
});

test('a client that lacks a step of the conversation asks again, and is healed by the resend', async () => {
  const scenario = await startConversation();
  const { simulator, phone, contact, client, device } = scenario;
  const snapshot = client.auth.snapshot();
  // The snapshot still holds the key for one step; only the second is out of its reach.
  for (const step of ['one', 'two']) {
    await client.send(contact.jid, `forgotten ${step}`);
    await contact.waitForText(`forgotten ${step}`, 5);
    await contact.sendText(phone, `step ${step}`);
    await gotText(client, `step ${step}`);
  }
  await device.idle();
  expect(simulator.anomalies).toEqual([]);
  await goBackTo(snapshot, scenario);
  await contact.sendText(phone, 'out of step');
  await gotText(client, 'out of step');
  expect(kinds(scenario)).toEqual(new Set(['retry-receipt']));
  expect(client.stubs).toContain('No matching sessions found for message');
});

test('only a replay shows that a client forgot what it received', async () => {
  const scenario = await startConversation();
  const { simulator, phone, contact, client, device } = scenario;
  const snapshot = client.auth.snapshot();
  await contact.sendText(phone, 'forgotten');
  await gotText(client, 'forgotten');
  await device.idle();
  expect(await device.replaySettled()).toEqual(['unreadable']);
  await goBackTo(snapshot, scenario);
  expect(simulator.anomalies).toEqual([]);
  expect(await device.replaySettled()).toEqual(['accepted']);
  expect(kinds(scenario)).toEqual(new Set(['replay-accepted']));
});

test('a client that forgot an upload gives the same ids to other pre-keys', async () => {
  const scenario = await startPaired();
  const { simulator, client, device } = scenario;
  const snapshot = client.auth.snapshot();
  const before = device.preKeysAvailable;
  device.announceLowPreKeys(2);
  await simulator.until(() => device.preKeysAvailable > before);
  await device.idle();
  expect(simulator.anomalies).toEqual([]);
  await goBackTo(snapshot, scenario);
  device.announceLowPreKeys(2);
  await simulator.until(() => kinds(scenario).has('pre-key-clash'));
});

test('a client that lost the pre-key behind a message asks again with fresh keys', async () => {
  const scenario = await startPaired();
  const { simulator, phone, client, device } = scenario;
  const snapshot = client.auth.snapshot();
  const known = device.preKeysAvailable;
  device.announceLowPreKeys(2);
  await simulator.until(() => device.preKeysAvailable > known);
  await device.idle();
  await goBackTo(snapshot, scenario);
  // Each stranger takes the next key, the last of them the first one that was forgotten.
  for (let i = 0; i <= known; i++) {
    const stranger = simulator.createContact({ number: `1666000${i}`, devices: 'phone-only' });
    await stranger.sendText(phone, `text ${i}`);
    await gotText(client, `text ${i}`);
  }
  await device.idle();
  expect(client.stubs).toContain('Invalid PreKey ID');
  expect(kinds(scenario)).toContain('retry-receipt');
});

test('another registration id and another identity key do not go unnoticed', async () => {
  const scenario = await startPaired();
  const { contact, client, device } = scenario;
  await logOff(client, device);
  const { creds } = client.auth.state;
  const registrationId = creds.registrationId + 1;
  Object.assign(creds, { registrationId, signedIdentityKey: Curve.generateKeyPair() });
  await logIn(client, device);
  await client.send(contact.jid, 'who am I?');
  await scenario.simulator.until(() => kinds(scenario).size > 1);
  expect(kinds(scenario)).toContain('registration-id-changed');
  expect(kinds(scenario)).toContain('identity-changed');
});

test('a message that the client gives up is reported as refused', async () => {
  const { simulator, phone, contact, client, device } = await startPaired();
  await logOff(client, device);
  client.connect({ maxMsgRetryCount: 0 });
  await device.online();
  await contact.sendText(phone, 'never read', { damage: 'first-transmission' });
  await device.idle();
  expect(simulator.settled).toMatchObject([{ text: 'never read', outcome: 'refused' }]);
  expect(simulator.anomalies).toMatchObject([{ kind: 'message-refused', deviceJid: device.jid }]);
});

test('libsignal breaks a new signal session that crosses a message under the old one: not stale, and told apart', async () => {
  const scenario = await startConversation();
  const { simulator, phone, contact, client, device } = scenario;
  await contact.sendText(phone, 'another answer', { from: 'phone' });
  await gotText(client, 'another answer');
  await client.send(contact.jid, 'read, with a new step not yet used');
  await contact.waitForText('read, with a new step not yet used', 0);
  await device.idle();
  await logOff(client, device);
  await logIn(client, device);
  const stop = simulator.intercept(({ direction, node }) =>
    direction === 'from-client' && node.tag === 'message' ? 'drop' : undefined,
  );
  await client.send(contact.jid, 'opens a new signal session, and is lost');
  stop();
  await contact.sendText(phone, 'under the old one', { from: 'phone' });
  await gotText(client, 'under the old one');
  await client.send(contact.jid, 'healed by a retry');
  await contact.waitForText('healed by a retry', 0);
  expect(kinds(scenario)).toEqual(new Set(['crossed-signal-sessions']));
});
