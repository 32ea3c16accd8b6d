import { expect, it } from 'vitest';
import { createSessionEvents } from '../../../src/core/sessions/session-events.ts';
import type {
  IncomingMessage,
  QrCode,
  SessionView,
  StatusChange,
} from '../../../src/core/sessions/session-views.ts';

const at = new Date(0);
const message = (sessionId: string, id: string): IncomingMessage => ({
  sessionId,
  id,
  chatId: 'c',
  senderId: 's',
  fromMe: false,
  at,
});
const view = (id: string): SessionView => ({
  id,
  status: 'CONNECTED',
  desiredState: 'RUNNING',
  linked: true,
  epoch: 1,
  revision: 1,
  decryptFailures: 0,
  pendingWrites: 0,
  oldestPendingWriteMs: 0,
  createdAt: at,
  updatedAt: at,
});
const change = (id: string, status: StatusChange['status']): StatusChange => ({
  session: view(id),
  status,
  at,
});
const qr = (data: string): QrCode => ({ data, ordinal: 1, issuedAt: at, expiresAt: at });
const all = () => true;

it('law 14: a subscriber who stops reading messages is ended with RATE_LIMITED, and harms nobody', async () => {
  const events = createSessionEvents();
  const [slow, quick] = [events.subscribeMessages(all), events.subscribeMessages(all)];
  for (let i = 0; i < 1_001; i += 1) {
    events.publishMessage(message('shop', String(i)));
    expect((await quick.next()).value).toMatchObject({ id: String(i) });
  }
  await expect(slow.next()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  events.publishMessage(message('shop', 'after'));
  expect((await quick.next()).value).toMatchObject({ id: 'after' });
});

it('a slow watcher of statuses sees the newest of each session', async () => {
  const events = createSessionEvents();
  const watcher = events.subscribeStatus(all);
  for (const status of ['CONNECTING', 'CONNECTED', 'RECONNECTING'] as const) {
    for (const id of ['a', 'b']) events.publishStatus(change(id, status));
  }
  const seen = [(await watcher.next()).value, (await watcher.next()).value];
  expect(seen).toMatchObject([
    { session: { id: 'a' }, status: 'RECONNECTING' },
    { session: { id: 'b' }, status: 'RECONNECTING' },
  ]);
});

it('a slow watcher of codes sees the newest, and the end of the pairing after it', async () => {
  const events = createSessionEvents();
  const watcher = events.subscribeQr(id => id === 'shop');
  for (const data of ['1', '2', '3']) events.publishQr('shop', qr(data));
  events.publishQr('other', qr('secret of another session'));
  events.completeQr('other');
  expect((await watcher.next()).value).toMatchObject({ data: '3' });
  events.completeQr('shop');
  expect((await watcher.next()).done).toBe(true);
});

it('nobody hears of a session that was not asked for, nor of anything after return()', async () => {
  const events = createSessionEvents();
  const watcher = events.subscribeMessages(id => id === 'shop');
  events.publishMessage(message('other', '1'));
  events.publishMessage(message('shop', '2'));
  expect((await watcher.next()).value).toMatchObject({ id: '2' });
  await watcher.return?.();
  events.publishMessage(message('shop', '3'));
  expect((await watcher.next()).done).toBe(true);
});

it('every stream ends when the server stops', async () => {
  const events = createSessionEvents();
  const streams = [events.subscribeMessages(all), events.subscribeQr(all), events.subscribeStatus(all)];
  const ends = streams.map(stream => stream.next());
  events.close();
  expect((await Promise.all(ends)).map(({ done }) => done)).toEqual([true, true, true]);
});
