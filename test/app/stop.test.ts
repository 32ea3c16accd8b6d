import { expect, test } from 'vitest';
import { createDeferred } from '../../src/core/deferred.ts';
import { createFakeSessions, qrCode, sessionView } from './fake-sessions.ts';
import { openRawSocket } from './raw-socket.ts';
import { bearer, collect, eventually, startApp, subscribe } from './test-app.ts';

const QR = 'subscription { sessionQrIssued(id: "shop") { data } }';

test('a stop completes streams, sends sockets away with 1001, and is over at once', async () => {
  const app = await startApp({ sessions: createFakeSessions(sessionView('shop')) });
  const events = collect(subscribe(app, 'server-sent events', QR));
  const socket = await openRawSocket(app, {}, { authorization: await bearer() });
  await socket.message({ type: 'connection_ack' });
  socket.subscribe('1', QR);
  await eventually(() => expect(app.sessions.qrStreams).toHaveLength(2));
  for (const stream of app.sessions.qrStreams) stream.push(qrCode('code'));
  await socket.message({ id: '1' });

  const began = performance.now();
  await app.stop();
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(await events).toEqual([{ data: { sessionQrIssued: { data: 'code' } } }]);
  expect(await socket.closed).toBe(1001);
  // Without `complete`: a client takes that for the end of the stream, and would not come back for more.
  expect(socket.received.map(({ type }) => type)).toEqual(['connection_ack', 'next']);
  await eventually(() => expect(app.sessions.qrStreams.every(({ isReturned }) => isReturned)).toBe(true));
  await expect(fetch(app.url)).rejects.toThrow();
});

test('what is published while the sessions are halted is still heard, and nobody new is let in', async () => {
  const app = await startApp({ sessions: createFakeSessions(sessionView('shop')) });
  const socket = await openRawSocket(app, {}, { authorization: await bearer() });
  await socket.message({ type: 'connection_ack' });
  socket.subscribe('1', QR);
  await eventually(() => expect(app.sessions.qrStreams).toHaveLength(1));
  const halted = createDeferred<void>();
  const stopped = app.stop(halted.promise);
  await expect(fetch(app.url)).rejects.toThrow();
  app.sessions.qrStreams[0]?.push(qrCode('last'));
  await socket.message({ id: '1' });
  halted.resolve();
  expect(await socket.closed).toBe(1001);
  await stopped;
});

test('a peer that does not take part in its end is cut off within a second', async () => {
  const app = await startApp({ sessions: createFakeSessions(sessionView('shop')) });
  const socket = await openRawSocket(app, {}, { authorization: await bearer() });
  await socket.message({ type: 'connection_ack' });
  socket.socket.pause();
  const began = performance.now();
  await app.stop();
  expect(performance.now() - began).toBeLessThan(2_000);
});

test('a port that is taken fails the start', async () => {
  const { port } = await startApp();
  const config = { host: '127.0.0.1', port, allowedOrigins: [], servesGraphiql: false };
  await expect(startApp({ config })).rejects.toThrow('EADDRINUSE');
});
