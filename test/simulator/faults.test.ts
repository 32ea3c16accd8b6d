import { createConnection } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startPaired, startScenario } from './scenario.ts';

test('a client can be struck between the arrival of its message and the acknowledgement', async () => {
  const { simulator, contact, client, device } = await startPaired({ ackDelayMs: 60_000 });
  const arrived = new Promise<number | undefined>(resolve => {
    simulator.onClientMessage(message => {
      resolve(message.ackedAt);
      device.disconnect('reset');
    });
  });
  await client.send(contact.jid, 'cut short').catch(() => undefined);
  expect(await arrived).toBeUndefined();
  await client.closed();
  await contact.waitForText('cut short', 5);
  expect(simulator.clientMessages).toMatchObject([{ to: contact.jid, ackedAt: undefined }]);
  expect(simulator.anomalies).toEqual([]);
});

test('delivery receipts can be late', async () => {
  const { simulator, contact, client, device } = await startPaired({ receiptDelayMs: 150 });
  const messageId = await client.send(contact.jid, 'slow');
  await contact.waitForText('slow', 0);
  expect(client.statuses.get(messageId)).not.toBe(3);
  await client.until(() => client.statuses.get(messageId) === 3);
  await device.idle();
  expect(simulator.anomalies).toEqual([]);
});

test('without a floor the client uploads its whole first batch of pre-keys', async () => {
  const { device } = await startPaired({ preKeyFloor: 0 });
  expect(device.preKeysAvailable).toBeGreaterThan(800);
});

test('nothing outside this machine can reach it', async () => {
  const { simulator } = await startScenario();
  const { hostname, port } = new URL(simulator.url);
  expect(hostname).toBe('127.0.0.1');
  const outside = Object.values(networkInterfaces())
    .flat()
    .find(address => address && !address.internal && address.family === 'IPv4');
  if (outside === undefined) return;
  const socket = createConnection({ host: outside.address, port: Number(port) });
  const code = await new Promise(resolve => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    socket.on('connect', () => resolve('connected'));
  });
  expect(code).toBe('ECONNREFUSED');
});

test('a client that does not speak the protocol is cut off', async () => {
  const { simulator } = await startScenario();
  const socket = new WebSocket(simulator.url);
  socket.on('open', () => socket.send('GET / HTTP/1.1\r\n\r\n'));
  await new Promise(resolve => socket.on('close', resolve));
  expect(simulator.connections.map(({ kind }) => kind)).toEqual(['connect', 'broken']);
});

test('closing ends what is still awaited', async () => {
  const { simulator, contact } = await startScenario();
  const never = contact.waitForText('never sent');
  await simulator.close();
  await expect(never).rejects.toThrow('closed');
});
