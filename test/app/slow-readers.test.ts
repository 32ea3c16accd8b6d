import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { IncomingMessage } from '../../src/core/sessions/session-views.ts';
import type { Sessions } from '../../src/core/sessions/sessions.ts';
import { createFakeSessions, sessionView, textMessage } from './fake-sessions.ts';
import { openRawSocket } from './raw-socket.ts';
import {
  bearer,
  eventually,
  startApp,
  subscribe,
  type TestApp,
  TRANSPORTS,
  type Transport,
} from './test-app.ts';

const MESSAGE_BYTES = 50_000;
const MESSAGES = 'subscription { messageReceived { text } }';

/** F3: a subscriber that opens a stream and reads nothing must cost nobody else anything. */
describe.each(TRANSPORTS)('F3: a reader that stops, over %s', transport => {
  test('holds a bounded part of an endless stream, is ended, and disturbs nobody', async () => {
    const flood = createFlood();
    const fake = createFakeSessions(sessionView('shop'));
    const sessions = { ...fake, watchMessages: flood.watch };
    const app = await startApp({ sessions, limits: { stalledResponseMs: 400, pingIntervalMs: 400 } });
    await openStalledReader(app, transport);
    await eventually(() => expect(flood.taken()).toBeGreaterThan(10));
    const quick = subscribe(app, transport, MESSAGES);
    expect((await quick.next()).value?.data).toBeDefined();
    await quick.return(undefined);
    await eventually(() => expect(flood.returned()).toBe(2));
    // What the kernel's buffers take, and no more.
    expect(flood.taken() * MESSAGE_BYTES).toBeLessThan(50 * 1024 * 1024);
    expect(app.logged).toEqual([]);
  });
});

test('a peer that asks and asks and reads no answer is cut off', async () => {
  const app = await startApp({ limits: { socketBacklogBytes: 100 * 1024 } });
  const peer = await openRawSocket(app, {}, { authorization: await bearer() });
  await peer.message({ type: 'connection_ack' });
  peer.socket.pause();
  const ping = JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(60_000) } });
  const isOpen = () => peer.socket.readyState === peer.socket.OPEN;
  let sentBytes = 0;
  while (isOpen() && sentBytes < 100_000_000) {
    sentBytes += ping.length;
    await new Promise<void>(resolve => peer.socket.send(ping, () => resolve()));
  }
  expect(isOpen()).toBe(false);
});

test('F4: each subscriber has a stream of its own', async () => {
  const app = await startApp({ sessions: createFakeSessions(sessionView('a'), sessionView('b')) });
  const of = (id: string) => `subscription { messageReceived(id: "${id}") { text } }`;
  const one = subscribe(app, 'WebSocket', of('a'), { sessions: ['a'] });
  const other = subscribe(app, 'WebSocket', of('b'), { sessions: ['b'] });
  const [toOne, toOther] = [one.next(), other.next()];
  await eventually(() => expect(app.sessions.messageStreams).toHaveLength(2));
  const ids = app.sessions.calls.map(([, target]) => (target as { id: string }).id);
  for (const [place, id] of ids.entries())
    app.sessions.messageStreams[place]?.push(textMessage(id, `to ${id}`));
  expect((await toOne).value?.data).toEqual({ messageReceived: { text: 'to a' } });
  expect((await toOther).value?.data).toEqual({ messageReceived: { text: 'to b' } });
});

/** Messages without end, each there as soon as it is asked for. */
function createFlood() {
  let taken = 0;
  let returned = 0;
  const message = textMessage('shop', 'x'.repeat(MESSAGE_BYTES));
  const watch: Sessions['watchMessages'] = () => {
    const stream: AsyncIterableIterator<IncomingMessage> = {
      next: () => {
        taken++;
        return Promise.resolve({ done: false, value: message });
      },
      return: () => {
        returned++;
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]: () => stream,
    };
    return stream;
  };
  return { watch, taken: () => taken, returned: () => returned };
}

async function openStalledReader(app: TestApp, transport: Transport): Promise<void> {
  if (transport === 'WebSocket') {
    const reader = await openRawSocket(app, {}, { authorization: await bearer() });
    await reader.message({ type: 'connection_ack' });
    reader.socket.pause();
    reader.subscribe('1', MESSAGES);
    return;
  }
  const socket = await openConnection(app.port);
  const body = JSON.stringify({ query: MESSAGES });
  socket.write(
    [
      'POST /graphql HTTP/1.1',
      'Host: localhost',
      `Authorization: ${await bearer()}`,
      'Accept: text/event-stream',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  );
}

/** A connection that nobody reads from. */
async function openConnection(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  await new Promise(resolve => socket.once('connect', resolve));
  return socket.pause();
}
