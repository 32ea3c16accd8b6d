import makeWASocket, { initAuthCreds, type WASocket } from '@whiskeysockets/baileys';
import pino from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { forgiveAfterEnd } from '../../../src/core/baileys/socket-listeners.ts';

type Listener = (...given: unknown[]) => Promise<void>;

let sock: WASocket;
beforeEach(() => {
  const keys = { get: async () => ({}), set: async () => {} };
  // Nobody listens there: it never opens.
  sock = makeWASocket({
    auth: { creds: initAuthCreds(), keys },
    waWebSocketUrl: 'ws://127.0.0.1:1',
    logger: pino({ level: 'silent' }),
  });
  sock.ws.on('error', () => {});
});
afterEach(() => sock.end(undefined));

const hear = (event: string, given: unknown) =>
  Promise.all((sock.ws.listeners(event) as Listener[]).map(listener => listener(given)));
const PREVIEW = { tag: 'ib', attrs: {}, content: [{ tag: 'offline_preview', attrs: {} }] };

it('an answer that can no longer be sent is nobody’s failure', async () => {
  await expect(hear('CB:ib,,offline_preview', PREVIEW)).rejects.toThrow('Connection Closed');
  forgiveAfterEnd(sock);
  await hear('CB:ib,,offline_preview', PREVIEW);
});

it('while the connection is there, what fails is told', async () => {
  forgiveAfterEnd(sock);
  Object.defineProperty(sock.ws, 'isOpen', { get: () => true });
  await expect(hear('CB:ib,,offline_preview', PREVIEW)).rejects.toThrow();
});
