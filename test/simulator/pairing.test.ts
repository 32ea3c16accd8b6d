import { expect, test } from 'vitest';
import { createClient } from './client.ts';
import { gotText, logIn, startPaired, startScenario, usePaired } from './scenario.ts';

const scenario = usePaired();

test('a client shows a QR code, the phone scans it, and the client logs in', () => {
  const { simulator, phone, client, device } = scenario();
  const { creds } = client.auth.state;
  expect(creds).toMatchObject({ me: { id: device.jid, lid: device.lid }, platform: 'android' });
  expect(creds.accountSyncCounter).toBe(1);
  expect(creds.myAppStateKeyId).toBeDefined();
  expect(phone.devices).toEqual([device]);
  expect(simulator.qrCodesIssued).toBe(1);
  expect(simulator.logins).toBe(1);
});

test('a stranger with the right number and another noise key is refused', async () => {
  const { simulator, client, device } = scenario();
  const stranger = createClient(simulator.url);
  stranger.auth.state.creds.me = { id: device.jid, lid: device.lid };
  stranger.connect();
  expect(await stranger.closed()).toBe(401);
  expect(client.closeCode).toBeUndefined();
});

test('two clients of one phone hear the same texts, and each other', async () => {
  const { simulator, phone, contact, client } = scenario();
  const second = createClient(simulator.url);
  second.connect();
  const other = await phone.scan(await second.qr());
  expect(await second.closed()).toBe(515);
  await logIn(second, other);
  await contact.sendText(phone, 'for both');
  await Promise.all([gotText(client, 'for both'), gotText(second, 'for both')]);
  const messageId = await client.send(contact.jid, 'from the first');
  await contact.waitForText('from the first', 5);
  await second.until(() => second.statuses.has(messageId));
  await second.end();
});

test('a removed device is told so, and is refused from then on', async () => {
  const { simulator, phone, client, device } = await startPaired();
  phone.removeDevice(device);
  expect(await client.closed()).toBe(401);
  expect(device.isRemoved).toBe(true);
  expect(phone.devices).toEqual([]);
  client.connect();
  expect(await client.closed()).toBe(401);
  expect(simulator.connections.map(({ kind }) => kind)).toContain('login-refused');
});

test('a client that logs out is removed', async () => {
  const { phone, client, device } = await startPaired();
  await client.socket.logout();
  expect(await client.closed()).toBe(401);
  await device.closed();
  expect(phone.devices).toEqual([]);
});

test('a client cannot log another one out', async () => {
  const { phone, client, device } = scenario();
  const attrs = { to: '@s.whatsapp.net', type: 'set', xmlns: 'md' };
  const content = [{ tag: 'remove-companion-device', attrs: { jid: phone.jid } }];
  await expect(client.socket.query({ tag: 'iq', attrs, content })).rejects.toThrow('forbidden');
  expect(device.isConnected).toBe(true);
});

test('a QR code is worth nothing once its client has gone', async () => {
  const { simulator, phone, client } = await startScenario();
  client.connect();
  const qr = await client.qr();
  await client.end();
  await simulator.until(() => simulator.connections.some(({ kind }) => kind === 'closed'));
  await expect(phone.scan(qr)).rejects.toThrow('its connection is gone');
  await expect(phone.scan('hello')).rejects.toThrow('not a pairing QR');
});

test('a client that shows its QR code is kept alive while it waits', async () => {
  const { client } = await startScenario();
  client.connect();
  await client.qr();
  const attrs = { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' };
  const answer = await client.socket.query({ tag: 'iq', attrs, content: [{ tag: 'ping', attrs: {} }] });
  expect(answer).toMatchObject({ attrs: { type: 'result' } });
});
