import { beforeEach, describe, expect, it } from 'vitest';
import { SessionError, StoreError } from '../../../src/core/errors.ts';
import { sessionView } from '../../app/fake-sessions.ts';
import {
  type BusMember,
  type BusScene,
  createBusScene,
  heldElsewhere,
  standby,
} from '../../support/bus-scene.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';
import { createMemoryBus, type MemoryBus } from '../../support/memory-bus.ts';

let bus: MemoryBus;
let fleet: BusScene;
let a: BusMember;
let b: BusMember;

beforeEach(async () => {
  bus = createMemoryBus();
  fleet = createBusScene(bus.connect);
  [a, b] = [await fleet.add('a'), await fleet.add('b')];
  a.hold('shop', { phoneNumber: '+15550001' });
});

const done = (member: BusMember) => member.local.calls.map(([name]) => name);

describe('a session that another server holds', () => {
  it.each([
    ['startSession', () => b.sessions.startSession({ id: 'shop', takeOver: false })],
    ['stopSession', () => b.sessions.stopSession('shop')],
    ['logoutSession', () => b.sessions.logoutSession('shop')],
    ['requestPairingCode', () => b.sessions.requestPairingCode({ id: 'shop', phoneNumber: '+1' })],
    ['syncSession', () => b.sessions.syncSession({ id: 'shop', store: 'tidb' })],
    ['restoreSession', () => b.sessions.restoreSession({ id: 'shop', acceptStale: true })],
    ['deleteSession', () => b.sessions.deleteSession({ id: 'shop', stores: ['file'] })],
    ['sendText', () => b.sessions.sendText({ id: 'shop', to: '+1', text: 'hello', messageId: 'M' })],
    ['readSession', () => b.sessions.readSession('shop')],
    ['readCopies', () => b.sessions.readCopies('shop')],
    ['readHistory', () => b.sessions.readHistory('shop', { first: 3, after: 'E0' })],
  ] as const)('%s reaches it, and its answer comes back as it gave it', async (method, ask) => {
    const before = a.local.calls.length;
    const answer = await ask();
    expect(done(a).slice(before)).toEqual([method]);
    expect(done(b)).not.toContain(method === 'readSession' ? 'none' : method);
    const [, argument] = a.local.calls.at(-1) ?? [];
    a.hold('shop', { phoneNumber: '+15550001' });
    const given = method === 'readHistory' ? ['shop', { first: 3, after: 'E0' }] : [argument];
    expect(answer).toStrictEqual(await (a.local[method] as (...args: unknown[]) => unknown)(...given));
  });

  it('fails with its error: class, code and message', async () => {
    a.local.failWith(new SessionError('SESSION_NOT_CONNECTED', 'session shop is PAIRING'));
    const error = await b.sessions.sendText({ id: 'shop', to: '+1', text: 'x' }).catch(thrown => thrown);
    expect(error).toBeInstanceOf(SessionError);
    expect(error).toMatchObject({ code: 'SESSION_NOT_CONNECTED', message: 'session shop is PAIRING' });
    a.local.failWith(new StoreError('STORE_UNREADABLE', 'tidb', 'it does not read'));
    const fromStore = await b.sessions.stopSession('shop').catch(thrown => thrown);
    expect(fromStore).toBeInstanceOf(StoreError);
    expect(fromStore).toMatchObject({
      code: 'STORE_UNREADABLE',
      store: 'tidb',
      message: 'store tidb: it does not read',
    });
  });

  it('tells no more of an error without a code than that there was one', async () => {
    a.local.failWith(new Error('secret in the innards'));
    const error = await b.sessions.stopSession('shop').catch(thrown => thrown);
    expect(error.message).toBe('server a failed in a way it did not name');
    expect(error).not.toHaveProperty('code');
    expect(a.unexpected).toMatchObject([{ message: 'secret in the innards' }]);
  });

  it('is taken over here, not asked for there', async () => {
    await b.sessions.startSession({ id: 'shop', takeOver: true });
    expect(done(b)).toEqual(['startSession']);
    expect(done(a)).toEqual([]);
  });

  it('that a store knows before this server does is found by its lease', async () => {
    b.local.views.set('shop', sessionView('shop', { status: 'STOPPED' }));
    expect(await b.sessions.readSession('shop')).toMatchObject({ status: 'CONNECTED', heldBy: 'a' });
  });

  it('that began to run there at this very moment is asked for there', async () => {
    fleet.holders.delete('shop');
    b.local.views.set('shop', sessionView('shop', { status: 'STOPPED' }));
    b.local.startSession = async () => {
      fleet.holders.set('shop', 'a');
      throw heldElsewhere('shop', 'a');
    };
    const view = await b.sessions.startSession({ id: 'shop', takeOver: false });
    expect(view).toMatchObject({ status: 'CONNECTED', phoneNumber: '+15550001' });
    expect(done(a)).toEqual(['startSession']);
  });

  it('is created nowhere else: it is returned as its holder shows it', async () => {
    expect(await b.sessions.createSession({ id: 'shop' })).toMatchObject({
      status: 'CONNECTED',
      phoneNumber: '+15550001',
    });
  });

  it('is listed, filtered and sorted as its holder shows it', async () => {
    const c = await fleet.add('c');
    c.local.views.set('shop', standby('shop', 'a'));
    c.local.views.set('apart', sessionView('apart', { status: 'STOPPED' }));
    await settled();
    const request = { isVisible: () => true, first: 10, filter: { status: ['CONNECTED'] as const } };
    expect(await c.sessions.listSessions(request)).toMatchObject({
      sessions: [{ id: 'shop', heldBy: 'a', phoneNumber: '+15550001' }],
      totalCount: 1,
    });
    const hidden = await c.sessions.listSessions({ ...request, isVisible: id => id !== 'shop' });
    expect(hidden.totalCount).toBe(0);
  });
});

it('a session that this server holds, or nobody, is nobody else’s business', async () => {
  b.hold('bot');
  await b.sessions.stopSession('bot');
  b.local.views.set('rests', sessionView('rests', { status: 'STOPPED' }));
  await b.sessions.startSession({ id: 'rests', takeOver: false });
  expect(done(b)).toEqual(['readSession', 'stopSession', 'readSession', 'startSession']);
  expect(done(a)).toEqual([]);
  await expect(b.sessions.stopSession('none')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
});

describe('where the holder can’t be asked', () => {
  it('commands fail at once with its name while the bus is away, and reads say what is known', async () => {
    bus.goAway();
    await expect(b.sessions.stopSession('shop')).rejects.toMatchObject({
      code: 'SESSION_HELD_ELSEWHERE',
      message: expect.stringContaining('server a '),
    });
    expect(await b.sessions.readSession('shop')).toMatchObject({ status: 'STANDBY', heldBy: 'a' });
    expect((await b.sessions.readHistory('shop', { first: 1 })).events).toHaveLength(1);
    expect(await b.sessions.readCopies('shop')).toHaveLength(1);
    expect(done(a)).toEqual([]);
    bus.comeBack();
    expect(await b.sessions.readSession('shop')).toMatchObject({ status: 'CONNECTED' });
  });

  it('a silent one is waited for two seconds, and one that took the request on for a minute', async () => {
    const clock = createFakeClock(Date.now());
    const c = await fleet.add('c', { clock });
    c.local.views.set('shop', standby('shop', 'gone'));
    fleet.holders.set('shop', 'gone');
    const begun = clock.monotonicMs();
    const failed = (asked: Promise<unknown>) => asked.catch(error => [clock.monotonicMs() - begun, error]);
    const silent = failed(c.sessions.stopSession('shop'));
    await clock.advance(5_000);
    expect(await silent).toMatchObject([2_000, { code: 'SESSION_HELD_ELSEWHERE' }]);

    fleet.holders.set('shop', 'a');
    a.local.stopSession = () => new Promise(() => {});
    const slow = failed(c.sessions.stopSession('shop'));
    await settled();
    await settled();
    await clock.advance(70_000);
    const [afterMs, error] = (await slow) as [number, Error];
    expect(afterMs).toBe(5_000 + 60_000);
    expect(error.message).toContain('server a runs this session');
    expect(clock.sleepers).toBe(0);
  });
});

it('whoever does not have the secret is not heard, and hears nothing', async () => {
  const stranger = await fleet.add('stranger', { secrets: ['c'.repeat(64)] });
  stranger.local.views.set('shop', standby('shop', 'a'));
  const clock = createFakeClock(Date.now());
  const patient = await fleet.add('patient', { secrets: ['c'.repeat(64)], clock });
  patient.local.views.set('shop', standby('shop', 'a'));
  const asked = patient.sessions.stopSession('shop').catch(error => error);
  await settled();
  await clock.advance(2_000);
  expect(await asked).toMatchObject({ code: 'SESSION_HELD_ELSEWHERE' });
  expect(done(a)).toEqual([]);
  expect(a.refused).toContain('unknown');
  expect(stranger.refused).not.toContain('malformed');
});
