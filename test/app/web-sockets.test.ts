import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createFakeSessions, qrCode, sessionView } from './fake-sessions.ts';
import { openRawSocket } from './raw-socket.ts';
import { bearer, eventually, startApp } from './test-app.ts';

const QR = 'subscription { sessionQrIssued(id: "shop") { data } }';
const start = (options: Parameters<typeof startApp>[0] = {}) =>
  startApp({ sessions: createFakeSessions(sessionView('shop')), ...options });

test('a bad token closes the socket with 4401, none with 4403', async () => {
  const app = await start();
  const bad = ['Bearer x.y.z', 'x', `${await bearer({ secret: 'another secret, also long enough!!' })}`, 7];
  for (const authorization of bad) {
    const socket = await openRawSocket(app, {}, { authorization });
    expect(await socket.closed).toBe(4401);
  }
  for (const payload of [{}, { authorization: '' }, { authorization: null }]) {
    expect(await (await openRawSocket(app, {}, payload)).closed).toBe(4403);
  }
  expect(app.sessions.calls).toEqual([]);
  expect(app.logged).toEqual([]);
});

test('nothing runs before the token is there', async () => {
  const app = await start();
  const socket = await openRawSocket(app);
  socket.subscribe('1', QR);
  expect(await socket.closed).toBe(4401);
  expect(app.sessions.calls).toEqual([]);
});

test('a socket that never introduces itself is closed', async () => {
  const app = await start({ limits: { connectionInitMs: 50 } });
  expect(await (await openRawSocket(app)).closed).toBe(4408);
});

test('F5: only subscriptions run', async () => {
  const app = await start();
  const socket = await openRawSocket(app, {}, { authorization: await bearer() });
  await socket.message({ type: 'connection_ack' });
  socket.subscribe('query', '{ stores { name } }');
  socket.subscribe('mutation', 'mutation { stopSession(input: { id: "shop" }) { session { id } } }');
  for (const id of ['query', 'mutation']) {
    const { payload } = await socket.message({ type: 'error', id });
    expect(payload).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  }
  expect(app.sessions.calls).toEqual([]);
});

test('F6: an operation that is refused leaves the others on its socket alone', async () => {
  const app = await start();
  const socket = await openRawSocket(app, {}, { authorization: await bearer() });
  await socket.message({ type: 'connection_ack' });
  socket.subscribe('good', QR);
  const source = await eventually(() => app.sessions.qrStreams[0] ?? expect.fail('not opened'));
  const refused = {
    syntax: 'subscription {',
    unknown: 'subscription { nothing }',
    deep: `subscription { sessionStatusChanged { ${'session { '.repeat(9)} id ${'}'.repeat(10)} }`,
    aliases: `subscription { sessionQrIssued(id: "shop") { ${aliases(16)} } }`,
    tokens: `subscription { sessionQrIssued(id: "shop") { ${'data '.repeat(1_000)} } }`,
    variables: 'subscription ($id: ID!) { sessionQrIssued(id: $id) { data } }',
    empty: '',
  };
  for (const [id, query] of Object.entries(refused)) socket.subscribe(id, query);
  for (const id of Object.keys(refused)) {
    const message = await socket.message({ id });
    expect(JSON.stringify(message)).toContain('"BAD_USER_INPUT"');
    expect(JSON.stringify(message), 'hints to the other transport').not.toContain('"http"');
  }
  source.push(qrCode('still here'));
  expect(await socket.message({ id: 'good', type: 'next' })).toBeDefined();
  expect(app.logged).toEqual([]);
});

test('F7: a socket outlives its token, but nothing new runs on it', async () => {
  const app = await start();
  const socket = await openRawSocket(app, {}, { authorization: await bearer({ ttlMs: 2_500 }) });
  await socket.message({ type: 'connection_ack' });
  socket.subscribe('first', QR);
  expect(await socket.message({ id: 'first', type: 'error' })).toMatchObject({
    payload: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });
  socket.subscribe('second', QR);
  expect(await socket.message({ id: 'second', type: 'error' })).toMatchObject({
    payload: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });
  expect(app.sessions.qrStreams).toHaveLength(1);
  expect(socket.received.filter(({ id }) => id === 'first')).toHaveLength(1);
});

test('F8: a page of another origin opens no socket', async () => {
  const app = await start({
    config: { host: '127.0.0.1', port: 0, allowedOrigins: ['https://crm.example'], servesGraphiql: true },
  });
  const open = (origin: string) => openRawSocket(app, { origin }, { authorization: 'x' });
  await expect(open('https://evil.example')).rejects.toThrow('403');
  await expect(open('null')).rejects.toThrow('403');
  await expect(open(`http://127.0.0.1:${app.port}`)).resolves.toBeDefined();
  await expect(open('https://crm.example')).resolves.toBeDefined();
});

test('F8: operations on a socket and sockets in total are bounded', async () => {
  const app = await start({ limits: { sockets: 1 } });
  const socket = await openRawSocket(app, {}, { authorization: await bearer() });
  await socket.message({ type: 'connection_ack' });
  await expect(openRawSocket(app)).rejects.toThrow('503');
  for (let number = 0; number < 50; number++) socket.subscribe(`${number}`, QR);
  await eventually(() => expect(app.sessions.qrStreams).toHaveLength(50));
  socket.subscribe('one too many', QR);
  expect(await socket.closed).toBe(4429);
  await eventually(() => expect(app.sessions.qrStreams.every(stream => stream.isReturned)).toBe(true));
  expect(app.sessions.qrStreams).toHaveLength(50);
});

test('attack: sockets that show no token push out each other, and nobody who shows one', async () => {
  const app = await start({ limits: { sockets: 3, connectionInitMs: 60_000 } });
  const guest = await openRawSocket(app, {}, { authorization: await bearer() });
  await guest.message({ type: 'connection_ack' });
  const silent = [await openRawSocket(app), await openRawSocket(app)];
  for (let number = 0; number < 5; number += 1) {
    silent.push(await openRawSocket(app));
    await silent.shift()?.closed;
  }
  const another = await openRawSocket(app, {}, { authorization: await bearer() });
  expect(await another.message({ type: 'connection_ack' })).toBeDefined();
  guest.subscribe('1', QR);
  await eventually(() => expect(app.sessions.qrStreams).toHaveLength(1));
});

test('attack: who is told to go and stays is cut off', { timeout: 10_000 }, async () => {
  const app = await start({ limits: { connectionInitMs: 50, closeHandshakeMs: 50 } });
  const connection = connect(app.port, '127.0.0.1');
  onTestFinished(() => void connection.destroy());
  const headers = ['Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const key = `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`;
  const protocol = 'Sec-WebSocket-Protocol: graphql-transport-ws';
  connection.write(['GET /graphql HTTP/1.1', ...headers, key, protocol, '', ''].join('\r\n'));
  const [answer] = await once(connection, 'data');
  expect(`${answer}`).toContain('101 Switching Protocols');
  await once(connection.resume(), 'close');
});

test('a message that is too large, or none of the protocol, closes the socket', async () => {
  const app = await start();
  const large = await openRawSocket(app);
  large.send({ type: 'ping', payload: { text: 'x'.repeat(65 * 1024) } });
  expect(await large.closed).toBe(1009);
  const foreign = await openRawSocket(app);
  foreign.socket.send('hello');
  expect(await foreign.closed).toBe(4400);
  expect(app.logged).toEqual([]);
});

const aliases = (count: number) =>
  Array.from({ length: count }, (_, number) => `alias${number}: data`).join(' ');
