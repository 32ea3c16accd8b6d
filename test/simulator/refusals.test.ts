import { expect, test } from 'vitest';
import { LOGIN_FAILURES } from '../../src/simulator/reception.ts';
import { logIn, logOff, startScenario, usePaired } from './scenario.ts';

const TIMED_OUT = 408;
const scenario = usePaired();
const IMPATIENT = { connectTimeoutMs: 200 };

test('each refusal at login reaches the client as its reason, and it can log in again', async () => {
  const { simulator, client, device } = scenario();
  await logOff(client, device);
  for (const failure of Object.values(LOGIN_FAILURES)) {
    const stop = simulator.refuseLogins(failure);
    client.connect();
    expect(await client.closed()).toBe(failure.reason);
    stop();
  }
  await logIn(client, device);
  const refused = simulator.connections.filter(({ kind }) => kind === 'login-refused');
  expect(refused.map(({ detail }) => detail)).toEqual(['401', '402', '403', '405', '409', '503']);
});

test('a temporary ban says for how long', async () => {
  const { simulator, client, device } = scenario();
  await logOff(client, device);
  const stop = simulator.refuseLogins(LOGIN_FAILURES.banned);
  client.connect();
  await client.closed();
  expect(client.closeData).toMatchObject({ reason: '402', code: '101', expire: '3600' });
  stop();
  await logIn(client, device);
});

test('a client that wants to be paired is refused the same way', async () => {
  const { simulator, client } = await startScenario();
  simulator.refuseLogins(LOGIN_FAILURES.outdated);
  client.connect();
  expect(await client.closed()).toBe(405);
  expect(simulator.qrCodesIssued).toBe(0);
});

test('a simulator that was paused can be closed', async () => {
  const { simulator } = await startScenario();
  await simulator.pause();
  await simulator.pause();
  await simulator.close();
  await expect(simulator.resume()).rejects.toThrow('closed');
});

test('a port that refuses connections is 408 to the client, and is the same port afterwards', async () => {
  const { simulator, client, device } = scenario();
  const { url } = simulator;
  await simulator.pause();
  expect(await client.closed()).toBe(428);
  client.connect();
  expect(await client.closed()).toBe(TIMED_OUT);
  await simulator.resume();
  expect(simulator.url).toBe(url);
  await logIn(client, device);
});

for (const point of ['upgrade', 'handshake'] as const) {
  test(`a server that falls silent before the ${point} is done is 408 to the client`, async () => {
    const { simulator, client, device } = scenario();
    await logOff(client, device);
    const stop = simulator.hang(point);
    client.connect(IMPATIENT);
    expect(await client.closed()).toBe(TIMED_OUT);
    expect(simulator.connections.filter(({ kind }) => kind === 'unanswered').at(-1)).toMatchObject({
      detail: point,
    });
    stop();
    await logIn(client, device);
  });
}

test('the client does not notice that its upgrade is refused, whatever the status', async () => {
  const { simulator, client, device } = scenario();
  await logOff(client, device);
  for (const status of [403, 429, 503]) {
    const stop = simulator.refuseUpgrades(status);
    client.connect(IMPATIENT);
    const answer = new Promise<number>(resolve => {
      client.socket.ws.on('unexpected-response', (_, response) => resolve(response.statusCode));
    });
    expect(await answer).toBe(status);
    expect(client.closeCode).toBeUndefined();
    await client.end();
    stop();
  }
  const refused = simulator.connections.filter(({ kind }) => kind === 'upgrade-refused');
  expect(refused.map(({ detail }) => detail)).toEqual(['403', '429', '503']);
  await logIn(client, device);
});

test('a refusal that was replaced by another does not end it', async () => {
  const { simulator, client } = await startScenario();
  const stopFirst = simulator.refuseLogins(LOGIN_FAILURES.forbidden);
  simulator.refuseLogins(LOGIN_FAILURES.unavailable);
  stopFirst();
  client.connect();
  expect(await client.closed()).toBe(503);
});
