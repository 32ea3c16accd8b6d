import { beforeEach, describe, expect, it } from 'vitest';
import type { Mailbox } from '../../../src/core/mailbox.ts';
import type { SessionView, StatusChange } from '../../../src/core/sessions/session-views.ts';
import { qrCode, sessionView, statusChange, textMessage } from '../../app/fake-sessions.ts';
import { type BusMember, type BusScene, createBusScene, standby } from '../../support/bus-scene.ts';
import { settled } from '../../support/fake-clock.ts';
import { createMemoryBus, type MemoryBus } from '../../support/memory-bus.ts';

let bus: MemoryBus;
let scene: BusScene;
let a: BusMember;
let b: BusMember;

beforeEach(async () => {
  bus = createMemoryBus();
  scene = createBusScene(bus.connect);
  [a, b] = [await scene.add('a'), await scene.add('b')];
  await settled();
});

/** What a stream has to say until nothing more comes by itself. */
function collect<T>(stream: AsyncIterableIterator<T>): T[] {
  const seen: T[] = [];
  void (async () => {
    for await (const item of stream) seen.push(item);
  })();
  return seen;
}

const every = { isVisible: () => true };
const change = (view: SessionView, previous?: SessionView['status']): StatusChange => ({
  ...statusChange(view),
  ...(previous && { previous }),
});
const statusesOf = (seen: readonly StatusChange[]) =>
  seen.map(({ session, status }) => `${status} ${session.heldBy ?? '-'}`);

describe('what happens on one server', () => {
  it('is heard by subscribers of the other: statuses, codes, messages, the deletion', async () => {
    const view = a.hold('shop', { status: 'PAIRING', linked: false });
    const statuses = collect(b.sessions.watchStatus({ id: 'shop' }));
    const codes = collect(b.sessions.watchQr('shop'));
    const messages = collect(b.sessions.watchMessages({ id: 'shop' }));
    const deletions = collect(b.sessions.watchDeletions(every));
    await settled();
    a.events.publishQr('shop', qrCode('2@first'));
    a.events.publishStatus(change({ ...view, status: 'CONNECTED' }, 'CONNECTING'));
    a.events.publishMessage(textMessage('shop', 'hello'));
    a.events.publishMessage(textMessage('other', 'not for this subscriber'));
    a.events.publishDeletion('shop');
    await settled();
    expect(statusesOf(statuses)).toEqual(['PAIRING a', 'CONNECTED a']);
    expect(statuses[1]?.previous).toBe('CONNECTING');
    expect(codes).toEqual([qrCode('2@first')]);
    expect(messages).toEqual([textMessage('shop', 'hello')]);
    expect(deletions).toEqual(['shop']);
    expect(await b.sessions.readSession('shop')).toBeUndefined();
  });

  it('is heard once, whatever the others find out by themselves', async () => {
    a.hold('shop');
    const [there, here] = [
      collect(b.sessions.watchDeletions(every)),
      collect(a.sessions.watchDeletions(every)),
    ];
    a.events.publishDeletion('shop');
    await settled();
    b.events.publishDeletion('shop');
    await settled();
    expect([there, here]).toEqual([['shop'], ['shop']]);
  });

  it('a stream begins with the present state of the holder, its code included', async () => {
    a.hold('shop', { status: 'PAIRING', linked: false, qr: qrCode('2@now') });
    expect((await b.sessions.watchQr('shop').next()).value).toEqual(qrCode('2@now'));
    expect((await b.sessions.watchStatus({ id: 'shop' }).next()).value).toMatchObject({
      status: 'PAIRING',
      session: { heldBy: 'a' },
    });
    a.hold('shop', { linked: true });
    expect((await b.sessions.watchQr('shop').next()).done).toBe(true);
  });

  it('an event that is faster than the present state is not overtaken by it', async () => {
    const view = a.hold('shop', { status: 'PAIRING', linked: false, qr: qrCode('2@old') });
    const codes = collect(b.sessions.watchQr('shop'));
    a.events.publishQr('shop', qrCode('2@new'));
    await settled();
    expect(codes).toEqual([qrCode('2@new')]);
    expect(view.qr?.data).toBe('2@old');
  });

  it('1,000 messages keep their order, and a subscriber that does not read is ended alone', async () => {
    a.hold('shop');
    const slow = b.sessions.watchMessages(every) as Mailbox<{ text?: string }>;
    const quick = collect(b.sessions.watchMessages(every));
    const texts = Array.from({ length: 1_001 }, (_, i) => String(i));
    for (const text of texts) a.events.publishMessage(textMessage('shop', text));
    await settled();
    expect(quick.map(({ text }) => text)).toEqual(texts);
    await expect(slow.next()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  });
});

describe('two voices on one session', () => {
  it('"another server has it" is shown as what that server says', async () => {
    const view = a.hold('shop');
    a.events.publishStatus(change(view, 'CONNECTING'));
    await settled();
    const [here, there] = [
      collect(b.sessions.watchStatus(every)),
      collect(a.sessions.watchStatus({ id: 'shop' })),
    ];
    b.events.publishStatus(change(standby('shop', 'a'), 'CONNECTING'));
    await settled();
    expect(statusesOf(here)).toEqual(['CONNECTED a', 'CONNECTED a']);
    expect(statusesOf(there)).toEqual(['CONNECTED a']);
  });

  it('it is shown as it is where that server was not heard, or the bus is away', async () => {
    b.local.views.set('far', standby('far', 'z'));
    const seen = collect(b.sessions.watchStatus({ isVisible: id => id === 'far' }));
    b.events.publishStatus(change(standby('far', 'z'), 'CONNECTING'));
    await settled();
    expect(statusesOf(seen)).toEqual(['STANDBY z', 'STANDBY z']);
    a.events.publishStatus(change(a.hold('shop'), 'CONNECTING'));
    await settled();
    bus.goAway();
    expect((await b.sessions.watchStatus(every).next()).value).toMatchObject({ status: 'STANDBY' });
  });

  it('whoever takes a session over speaks of it, and the old one no more', async () => {
    const view = a.hold('shop');
    a.events.publishStatus(change(view, 'CONNECTING'));
    await settled();
    const seen = collect(a.sessions.watchStatus({ id: 'shop' }));
    await settled();
    const taken = b.hold('shop');
    b.events.publishStatus(change({ ...taken, status: 'CONNECTING' }, 'STANDBY'));
    await settled();
    a.events.publishStatus(change(standby('shop', 'b'), 'CONNECTED'));
    // Only what nobody holds: the others know better.
    const there = collect(b.sessions.watchStatus({ id: 'shop' }));
    await settled();
    a.events.publishStatus(change(sessionView('shop', { status: 'STOPPED' }), 'STANDBY'));
    await settled();
    expect(statusesOf(seen).slice(0, 3)).toEqual(['CONNECTED a', 'CONNECTING b', 'CONNECTING b']);
    expect(statusesOf(there)).toEqual(['CONNECTED b']);
  });
});

it('what changed while the bus was away is told when it is back, and what did not is not', async () => {
  const [shop, rest] = [a.hold('shop'), a.hold('rest')];
  for (const view of [shop, rest]) a.events.publishStatus(change(view, 'CONNECTING'));
  await settled();
  const seen = collect(b.sessions.watchStatus(every));
  await settled();
  bus.goAway();
  a.events.publishStatus(change(a.hold('shop', { status: 'RECONNECTING' }), 'CONNECTED'));
  bus.comeBack();
  await settled();
  expect(statusesOf(seen)).toContain('RECONNECTING a');
  const before = seen.length;
  const late = await scene.add('c');
  await settled();
  expect(seen).toHaveLength(before);
  late.local.views.set('shop', standby('shop', 'a'));
  expect(statusesOf([(await late.sessions.watchStatus(every).next()).value])).toEqual(['RECONNECTING a']);
});
