import { expect, test } from 'vitest';
import { STREAM_ERRORS, type StreamError } from '../../src/simulator/stream-error.ts';
import { createClient } from './client.ts';
import { gotText, logIn, startPaired, startScenario } from './scenario.ts';

const STREAM_CODES: readonly [StreamError, number][] = [
  [STREAM_ERRORS.replaced, 440],
  [STREAM_ERRORS.restart, 515],
  [STREAM_ERRORS.unavailable, 503],
  [STREAM_ERRORS.unknown, 500],
  [{ code: 418 }, 418],
];

test('each stream error reaches the client as its code, and it can log in again', async () => {
  const { simulator, client, device } = await startPaired();
  for (const [error, code] of STREAM_CODES) {
    device.streamError(error);
    expect(await client.closed()).toBe(code);
    expect(device.isConnected).toBe(false);
    await logIn(client, device);
  }
  const kicks = simulator.connections.filter(({ kind }) => kind === 'kicked').map(({ detail }) => detail);
  expect(kicks).toEqual(['replaced', '515', '503', 'bad-format', '418']);
  expect(simulator.anomalies).toEqual([]);
});

test('a connection that is closed, reset or ended is 428 to the client, and nothing is lost', async () => {
  const { simulator, phone, contact, client, device } = await startPaired();
  for (const kind of ['close', 'reset', 'end'] as const) {
    device.disconnect(kind);
    expect(await client.closed()).toBe(428);
    await device.closed();
    await contact.sendText(phone, `meanwhile ${kind}`);
    await logIn(client, device);
    await gotText(client, `meanwhile ${kind}`);
  }
  expect(simulator.anomalies).toEqual([]);
});

test('a second login of the same device replaces the first', async () => {
  const { simulator, client, device } = await startPaired();
  const copy = createClient(simulator.url);
  copy.restore(client.auth.snapshot());
  copy.connect();
  expect(await client.closed()).toBe(440);
  await copy.opened();
  await device.online();
  expect(simulator.logins).toBe(2);
  await copy.end();
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

test('a stranger with the right number and another noise key is refused', async () => {
  const { simulator, client, device } = await startPaired();
  const stranger = createClient(simulator.url);
  stranger.auth.state.creds.me = { id: device.jid, lid: device.lid };
  stranger.connect();
  expect(await stranger.closed()).toBe(401);
  expect(client.closeCode).toBeUndefined();
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

test('two clients of one phone hear the same texts, and each other', async () => {
  const { simulator, phone, contact, client } = await startPaired();
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
  expect(simulator.anomalies).toEqual([]);
  await second.end();
});
