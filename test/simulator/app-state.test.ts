import { pino } from 'pino';
import { expect, test } from 'vitest';
import { COLLECTIONS } from '../../src/simulator/app-state.ts';
import type { Phone } from '../../src/simulator/phone.ts';
import { type Client, createClient } from './client.ts';
import { gotText, logIn, logOff, startPaired, usePaired } from './scenario.ts';

const scenario = usePaired();
const STRICT = { appStateMacVerification: { patch: true, snapshot: true } };

async function versionOf(client: Client, collection: string): Promise<number | undefined> {
  const found = await client.auth.state.keys.get('app-state-sync-version', [collection]);
  return found[collection]?.version;
}

async function addSecondClient(phone: Phone, url: string) {
  const client = createClient(url);
  client.connect(STRICT);
  const device = await phone.scan(await client.qr());
  expect(await client.closed()).toBe(515);
  client.connect(STRICT);
  await client.opened();
  await device.online();
  await device.synced();
  await client.until(() => client.auth.state.creds.accountSyncCounter === 1);
  return { client, device };
}

test('the client follows every collection of the app state, and checks who sealed it', async () => {
  const { phone, client, device } = scenario();
  // A client that finds a wrong seal only says so in its log, and takes the version all the same.
  const warnings: string[] = [];
  const logger = pino({ level: 'warn' }, { write: line => void warnings.push(line) });
  await logOff(client, device);
  client.connect({ ...STRICT, logger });
  await client.opened();
  await device.online();
  for (const collection of COLLECTIONS) phone.touchAppState(collection);
  phone.touchAppState('regular');
  await device.idle();
  for (const collection of COLLECTIONS) {
    expect(await versionOf(client, collection)).toBe(collection === 'regular' ? 2 : 1);
  }
  expect(warnings.filter(line => /patch|LTHash/.test(line))).toEqual([]);
});

test('a change that happened while the client was away is announced when it comes back', async () => {
  const { phone, client, device } = scenario();
  const before = (await versionOf(client, 'regular_low')) ?? 0;
  await logOff(client, device);
  phone.touchAppState('regular_low');
  await logIn(client, device);
  await device.idle();
  expect(await versionOf(client, 'regular_low')).toBe(before + 1);
});

test('what one client changes reaches another client of the account', async () => {
  const { simulator, phone, client } = await startPaired();
  const second = await addSecondClient(phone, simulator.url);
  await client.socket.updateProfileName('Ada at work');
  await second.client.until(() => second.client.auth.state.creds.me?.name === 'Ada at work');
  expect(await versionOf(client, 'critical_block')).toBe(1);
  await second.client.end();
  expect(simulator.anomalies).toEqual([]);
});

test('a client hears of another one that is linked or unlinked, and writes to those there are', async () => {
  const { simulator, phone, contact, client, device } = await startPaired();
  await client.send(contact.jid, 'fills the cache of devices');
  await contact.waitForText('fills the cache of devices', 5);
  const second = await addSecondClient(phone, simulator.url);
  await device.idle();
  const messageId = await client.send(contact.jid, 'for the new one too');
  await second.client.until(() => second.client.statuses.has(messageId));
  phone.removeDevice(second.device);
  await device.idle();
  await client.send(contact.jid, 'without it');
  await contact.waitForText('without it', 5);
  expect(second.device.queued).toBe(0);
  expect(simulator.anomalies).toEqual([]);
});

test('a client whose app state went back is noticed', async () => {
  const { simulator, phone, client, device } = await startPaired();
  const snapshot = client.auth.snapshot();
  for (let change = 0; change < 2; change++) {
    phone.touchAppState('regular');
    await device.idle();
  }
  await logOff(client, device);
  client.restore(snapshot);
  await logIn(client, device);
  expect(simulator.anomalies).toEqual([]);
  phone.touchAppState('regular');
  await device.idle();
  expect(simulator.anomalies).toMatchObject([
    { kind: 'app-state-went-back', deviceJid: device.jid, detail: 'regular from 1 to 0' },
  ]);
});

test('where the server told a client to go is what it presents when it comes back', async () => {
  const { client, device } = scenario();
  expect(device.edgeRouting).toBeUndefined();
  const info = Buffer.from('frankfurt-3');
  device.sendEdgeRouting(info);
  await client.until(() => client.auth.state.creds.routingInfo !== undefined);
  await logOff(client, device);
  await logIn(client, device);
  expect(device.edgeRouting).toEqual(info);
});

test('a client can replace its signed pre-key, and is found under the new one', async () => {
  const { simulator, phone, contact, client, device } = scenario();
  const before = device.signedPreKeyId;
  await client.socket.rotateSignedPreKey();
  expect(device.signedPreKeyId).toBe(before + 1);
  await contact.sendText(phone, 'under the new key');
  await gotText(client, 'under the new key');
  await device.idle();
  expect(simulator.anomalies).toEqual([]);
});

test('a signed pre-key that its owner has not signed is refused', async () => {
  const { client, device } = scenario();
  const before = device.signedPreKeyId;
  const { creds } = client.auth.state;
  const { signedIdentityKey } = creds;
  Object.assign(creds, { signedIdentityKey: creds.noiseKey });
  await expect(client.socket.rotateSignedPreKey()).rejects.toThrow('not-acceptable');
  Object.assign(creds, { signedIdentityKey });
  expect(device.signedPreKeyId).toBe(before);
});
