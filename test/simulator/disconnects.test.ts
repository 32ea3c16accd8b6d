import { expect, test } from 'vitest';
import { STREAM_ERRORS, type StreamError } from '../../src/simulator/stream-error.ts';
import { createClient } from './client.ts';
import { gotText, logIn, usePaired } from './scenario.ts';

const scenario = usePaired();

const STREAM_CODES: readonly [StreamError, number][] = [
  [STREAM_ERRORS.replaced, 440],
  [STREAM_ERRORS.restart, 515],
  [STREAM_ERRORS.unavailable, 503],
  [STREAM_ERRORS.unknown, 500],
  [{ code: 418 }, 418],
];

test('each stream error reaches the client as its code, and it can log in again', async () => {
  const { simulator, client, device } = scenario();
  for (const [error, code] of STREAM_CODES) {
    device.streamError(error);
    expect(await client.closed()).toBe(code);
    expect(device.isConnected).toBe(false);
    await logIn(client, device);
  }
  const kicks = simulator.connections.filter(({ kind }) => kind === 'kicked').map(({ detail }) => detail);
  expect(kicks).toEqual(['replaced', '515', '503', 'bad-format', '418']);
});

test('a connection that is closed, reset or ended is 428 to the client, and nothing is lost', async () => {
  const { phone, contact, client, device } = scenario();
  for (const kind of ['close', 'reset', 'end'] as const) {
    device.disconnect(kind);
    expect(await client.closed()).toBe(428);
    await device.closed();
    await contact.sendText(phone, `meanwhile ${kind}`);
    await logIn(client, device);
    await gotText(client, `meanwhile ${kind}`);
  }
});

test('a second login of the same device replaces the first', async () => {
  const { simulator, client, device } = scenario();
  const logins = simulator.logins;
  const copy = createClient(simulator.url);
  copy.restore(client.auth.snapshot());
  copy.connect();
  expect(await client.closed()).toBe(440);
  await copy.opened();
  await device.online();
  expect(simulator.logins).toBe(logins + 1);
  await copy.end();
});
