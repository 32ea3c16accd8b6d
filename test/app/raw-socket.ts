import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { eventually, type TestApp } from './test-app.ts';

export interface RawSocket {
  readonly socket: WebSocket;
  /** Every message so far. */
  readonly received: Record<string, unknown>[];
  readonly closed: Promise<number>;
  send(message: Record<string, unknown>): void;
  /** Subscribes under an id of its own choice. */
  subscribe(id: string, query: string): void;
  /** Resolves with the first message that fits. */
  message(part: Record<string, unknown>): Promise<Record<string, unknown>>;
}

/** The protocol by hand, for what no well-behaved client does. */
export async function openRawSocket(
  app: TestApp,
  headers: Record<string, string> = {},
  payload?: Record<string, unknown>,
): Promise<RawSocket> {
  const socket = new WebSocket(app.url.replace('http', 'ws'), 'graphql-transport-ws', { headers });
  onTestFinished(() => socket.terminate());
  const received: Record<string, unknown>[] = [];
  socket.on('message', data => received.push(JSON.parse(data.toString())));
  const closed = new Promise<number>(resolve => socket.once('close', resolve));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.on('error', () => undefined);
  const send = (message: Record<string, unknown>) => socket.send(JSON.stringify(message));
  const fits = (message: Record<string, unknown>, part: Record<string, unknown>) =>
    Object.entries(part).every(([key, value]) => message[key] === value);
  if (payload !== undefined) send({ type: 'connection_init', payload });
  return {
    socket,
    received,
    closed,
    send,
    subscribe: (id, query) => send({ id, type: 'subscribe', payload: { query } }),
    message: part =>
      eventually(() => {
        const message = received.find(candidate => fits(candidate, part));
        if (message === undefined) throw new Error(`no such message yet: ${JSON.stringify(part)}`);
        return message;
      }),
  };
}
