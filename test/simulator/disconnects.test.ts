import { expect, test } from 'vitest';
import type { Ending } from '../../src/simulator/ending.ts';
import { STREAM_ERRORS, type StreamError } from '../../src/simulator/stream-error.ts';
import { createClient } from './client.ts';
import { gotText, logIn, logOff, usePaired } from './scenario.ts';

const scenario = usePaired();

const STREAM_CODES: readonly [StreamError, number][] = [
  [STREAM_ERRORS.replaced, 440],
  [STREAM_ERRORS.restart, 515],
  [STREAM_ERRORS.unavailable, 503],
  [STREAM_ERRORS.unknown, 500],
  [{ code: 402 }, 402],
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
  expect(kicks).toEqual(['replaced', '515', '503', 'bad-format', '402', '418']);
});

const ENDINGS: readonly [Ending, number][] = [
  ['close', 428],
  ['reset', 428],
  ['end', 428],
  [{ closeCode: 1001 }, 428],
  [{ closeCode: 1011 }, 428],
  [{ closeCode: 4000 }, 428],
  ['downgrade', 411],
];

test('each way a connection can end reaches the client as its code, and nothing is lost', async () => {
  const { phone, contact, client, device } = scenario();
  for (const [ending, code] of ENDINGS) {
    device.disconnect(ending);
    expect(await client.closed()).toBe(code);
    await device.closed();
    const text = `after ${JSON.stringify(ending)}`;
    await contact.sendText(phone, text);
    await logIn(client, device);
    await gotText(client, text);
  }
});

test('a frame that cannot be decrypted is an unhandled rejection of the client, and no disconnect', async () => {
  const { client, device } = scenario();
  const rejection = nextUnhandledRejection();
  device.sendGarbage();
  expect(String(await rejection)).toContain('unable to authenticate data');
  expect(client.closeCode).toBeUndefined();
  await logOff(client, device);
  await logIn(client, device);
});

/** The test runner takes every unhandled rejection for a failure; this one is for us. */
function nextUnhandledRejection(): Promise<unknown> {
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  return new Promise(resolve => {
    process.once('unhandledRejection', reason => {
      for (const listener of others) process.on('unhandledRejection', listener);
      resolve(reason);
    });
  });
}

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
