import { expect, it } from 'vitest';
import { WEBHOOK_EVENTS } from '../src/config/webhooks.ts';
import { createSessionEvents } from '../src/core/sessions/session-events.ts';
import type { IncomingMessage, SessionStatus, SessionView } from '../src/core/sessions/session-views.ts';
import { createSessionWatch } from '../src/core/sessions/session-watch.ts';
import type { WebhookEvent } from '../src/plugins/notify-webhook/index.ts';
import { createStoreTurns } from '../src/store-turns.ts';
import { feedWebhooks } from '../src/webhook-feed.ts';
import { createFakeClock, settled } from './support/fake-clock.ts';

const at = new Date(0);
const viewOf = (id: string, status: SessionStatus, heldBy = 'one') =>
  ({ id, status, heldBy, linked: true, createdAt: at, updatedAt: at }) as SessionView;
const messageOf = (sessionId: string) => ({ sessionId, id: 'm', text: 'hello', at }) as IncomingMessage;

/** The feed over the real streams, with sessions that were there before it. */
function startFeed(known: readonly SessionView[], wanted: readonly string[] = WEBHOOK_EVENTS) {
  const events = createSessionEvents();
  const sessions = createSessionWatch({ events, find: async () => undefined, known: () => known });
  const turns = createStoreTurns();
  const published: WebhookEvent[] = [];
  const failures: unknown[] = [];
  const ended = feedWebhooks({
    sessions,
    turns,
    events: new Set(wanted),
    self: 'one',
    clock: createFakeClock(),
    publish: event => void published.push(event),
    onFailure: error => void failures.push(error),
  });
  const move = (session: SessionView, previous: SessionStatus) =>
    events.publishStatus({ session, previous, status: session.status, at });
  return { events, turns, failures, ended, move, types: () => published.map(({ type }) => type) };
}

it('tells of what changes, and not of what is so already', async () => {
  const { events, turns, move, types, ended } = startFeed([viewOf('shop', 'CONNECTED')]);
  await settled();
  expect(types()).toEqual([]);
  move(viewOf('shop', 'RECONNECTING'), 'CONNECTED');
  await settled();
  move(viewOf('shop', 'RECONNECTING'), 'RECONNECTING');
  await settled();
  turns.note({ store: 'tidb', isUp: false });
  turns.note({ store: 'tidb', isUp: true });
  events.publishDeletion('shop');
  await settled();
  expect(types()).toEqual(['session.disconnected', 'store.degraded', 'store.recovered', 'session.deleted']);
  events.close();
  await ended;
});

it('tells of the messages of its own sessions, and only where they are wanted', async () => {
  const known = [viewOf('ours', 'CONNECTED'), viewOf('theirs', 'STANDBY', 'two')];
  const asked = startFeed(known);
  const unasked = startFeed(known, ['session.connected']);
  await settled();
  for (const { events } of [asked, unasked]) {
    events.publishMessage(messageOf('ours'));
    events.publishMessage(messageOf('theirs'));
  }
  await settled();
  expect(asked.types()).toEqual(['message.received']);
  expect(unasked.types()).toEqual([]);
});

it('goes on after more at once than a stream can hold', async () => {
  const { events, failures, types } = startFeed([viewOf('shop', 'CONNECTED')]);
  await settled();
  for (let n = 0; n < 1_100; n += 1) events.publishMessage(messageOf('shop'));
  await settled();
  expect(failures).toHaveLength(1);
  const before = types().length;
  events.publishMessage(messageOf('shop'));
  await settled();
  expect(types()).toHaveLength(before + 1);
});
