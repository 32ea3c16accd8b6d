import { expect, test } from 'vitest';
import { lateAnswers, silence, unanswered } from '../../src/simulator/interceptors.ts';
import { gotText, logIn, logOff, usePaired } from './scenario.ts';

const CONNECTION_LOST = 408;
/** The client gives up this long after its next keep-alive question: 5 s, which nothing makes shorter. */
const WATCHFUL = { keepAliveIntervalMs: 200, defaultQueryTimeoutMs: 400 };
const scenario = usePaired();

test('a server that falls silent on an open connection is lost to the client, as is one that never answers the login', async () => {
  const { simulator, client, device } = scenario();
  await logOff(client, device);
  client.connect(WATCHFUL);
  await client.opened();
  await device.online();
  const stop = simulator.intercept(silence);
  expect(await client.closed()).toBe(CONNECTION_LOST);
  stop();
  const stopHanging = simulator.hang('login');
  client.connect(WATCHFUL);
  expect(await client.closed()).toBe(CONNECTION_LOST);
  stopHanging();
  await logIn(client, device);
});

test('a client whose questions are answered late opens all the same', async () => {
  const { simulator, phone, contact, client, device } = scenario();
  await logOff(client, device);
  const stop = simulator.intercept(lateAnswers(100));
  const startedAt = Date.now();
  await logIn(client, device);
  // Keys counted, keys uploaded or not, active, keys compared: one after another.
  expect(Date.now() - startedAt).toBeGreaterThan(300);
  await contact.sendText(phone, 'late but here');
  await gotText(client, 'late but here');
  stop();
  await device.idle();
});

test('a client whose questions on keys are never answered opens all the same', async () => {
  const { simulator, client, device } = scenario();
  await logOff(client, device);
  const stop = simulator.intercept(unanswered('encrypt'));
  client.connect({ defaultQueryTimeoutMs: 300 });
  await client.opened();
  expect(device.isOnline).toBe(false);
  stop();
  await logOff(client, device);
  await logIn(client, device);
});
