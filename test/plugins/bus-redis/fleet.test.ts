import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { StatusChange } from '../../../src/core/sessions/session-views.ts';
import type { Sessions } from '../../../src/core/sessions/sessions.ts';
import { openRedisBus } from '../../../src/plugins/bus-redis/index.ts';
import { until } from '../../support/condition.ts';
import { type DatabaseServer, startDatabase } from '../../support/database-server.ts';
import { type FleetScene, type FleetServer, startFleetScene } from '../../support/fleet-scene.ts';
import { describeWithOwnServer } from '../../support/services.ts';
import { collectTexts, pair, waitForStatus } from '../../support/session-scene.ts';

const EVERY = { isVisible: () => true };

function collectStatus(sessions: Pick<Sessions, 'watchStatus'>): StatusChange[] {
  const seen: StatusChange[] = [];
  void (async () => {
    for await (const change of sessions.watchStatus(EVERY)) seen.push(change);
  })();
  return seen;
}

describeWithOwnServer('redis', 'two servers with real sessions', () => {
  let server: DatabaseServer;
  let scene: FleetScene;
  let one: FleetServer;
  let two: FleetServer;

  beforeAll(async () => {
    server = await startDatabase('redis');
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    scene = await startFleetScene(() => openRedisBus({ url: server.url }));
    [one, two] = [await scene.start('one'), await scene.start('two')];
  });
  afterEach(() => scene.close());

  /** Each server hears the other one. */
  const joined = () => until('the bus is up', () => one.bus?.isUp && two.bus?.isUp);

  it('a session of one is paired, watched, used and deleted through the other', async () => {
    await joined();
    const seen = collectStatus(two.sessions);
    const texts = collectTexts(two.sessions);
    await one.sessions.createSession({ id: 'shop' });
    await waitForStatus(two.manager, 'shop', 'STANDBY');
    const codes = two.sessions.watchQr('shop');
    const device = await scene.phone.scan((await codes.next()).value.data);
    await until('the codes end', async () => (await codes.next()).done);
    await waitForStatus(two.sessions, 'shop', 'CONNECTED');
    await device.online();

    await scene.contact.sendText(scene.phone, 'hello shop');
    await until('the message arrived', () => texts.includes('hello shop'));
    await two.sessions.sendText({ id: 'shop', to: '+15550002', text: 'hello Grace', messageId: 'M1' });
    await until('the answer arrived', () =>
      scene.contact.received.some(({ text }) => text === 'hello Grace'),
    );
    expect(await two.sessions.readSession('shop')).toMatchObject({ heldBy: 'one', phoneNumber: '+15550001' });
    expect((await two.sessions.listSessions({ ...EVERY, first: 5 })).sessions).toMatchObject([
      { id: 'shop', status: 'CONNECTED', heldBy: 'one' },
    ]);
    const { events } = await two.sessions.readHistory('shop', { first: 20 });
    expect(events.map(({ status }) => status)).toContain('CONNECTED');
    await expect(
      two.sessions.requestPairingCode({ id: 'shop', phoneNumber: '+15550001' }),
    ).rejects.toMatchObject({ code: 'SESSION_ALREADY_LINKED' });

    const deletions = two.sessions.watchDeletions(EVERY);
    const deletion = await two.sessions.deleteSession({ id: 'shop' });
    expect(deletion).toMatchObject({ deletedFrom: ['file', 'shared'], unlinked: true });
    expect((await deletions.next()).value).toBe('shop');
    expect(await two.sessions.readSession('shop')).toBeUndefined();
    const statuses = seen.map(({ status }) => status);
    expect(statuses.slice(statuses.indexOf('PAIRING'))).not.toContain('STANDBY');
    expect(statuses).toContain('CONNECTED');
  });

  it('a loss of Redis costs live events only, and its return heals what is shown', async () => {
    await joined();
    await pair(one.manager, scene.phone);
    // By its own look at the leases, which is all that is left without Redis.
    await waitForStatus(two.manager, 'shop', 'STANDBY');
    await server.kill();
    await until('both notice', () => !one.bus?.isUp && !two.bus?.isUp);
    expect(await two.sessions.readSession('shop')).toMatchObject({ status: 'STANDBY', heldBy: 'one' });
    await expect(two.sessions.stopSession('shop')).rejects.toMatchObject({ code: 'SESSION_HELD_ELSEWHERE' });
    await one.sessions.sendText({ id: 'shop', to: '+15550002', text: 'still here' });
    const seen = collectStatus(two.sessions);
    await until('the present state is told', () => seen.length > 0);
    expect(seen).toMatchObject([{ status: 'STANDBY' }]);

    await server.restart();
    await until('the other one’s word is back', () => seen.at(-1)?.status === 'CONNECTED');
    const texts = collectTexts(two.sessions);
    await scene.contact.sendText(scene.phone, 'after');
    await until('messages come again', () => texts.includes('after'));
    // It may hear before it can speak: these are two connections.
    await joined();
    expect(await two.sessions.stopSession('shop')).toMatchObject({ status: 'STOPPED' });
  });

  it('law 11: nobody who listens to Redis reads a code, a message, a number or a name of a session', async () => {
    await joined();
    const carried: Buffer[] = [];
    const [subscriber, monitored] = [new Redis(server.url), new Redis(server.url)];
    subscriber.on('pmessageBuffer', (_, channel: string, bytes: Buffer) =>
      carried.push(Buffer.from(channel), bytes),
    );
    await subscriber.psubscribe('*');
    const monitor = await monitored.monitor();
    monitor.on('monitor', (_time: string, args: string[]) => carried.push(Buffer.from(args.join(' '))));

    const id = 'canary-session';
    await one.sessions.createSession({ id });
    const code = await two.sessions
      .requestPairingCode({ id, phoneNumber: '+15550001' })
      .catch(() => undefined);
    const qr = await two.sessions.watchQr(id).next();
    const texts = collectTexts(two.sessions);
    const device = await scene.phone.scan(qr.value.data);
    await waitForStatus(two.sessions, id, 'CONNECTED');
    await device.online();
    await scene.contact.sendText(scene.phone, 'canary-incoming');
    await until('the message arrived', () => texts.includes('canary-incoming'));
    await two.sessions.sendText({ id, to: '+15550002', text: 'canary-outgoing' });

    expect(carried.length).toBeGreaterThan(20);
    const all = Buffer.concat(carried).toString('latin1');
    const secrets = [id, 'canary', qr.value.data, '15550001', '15550002', 'sendText', 'CONNECTED'];
    for (const secret of [...secrets, ...(code ? [code.code] : [])]) {
      for (const form of ['latin1', 'base64', 'hex'] as const) {
        // Of base64 the inner part, which does not depend on what stands before it.
        const written = Buffer.from(secret)
          .toString(form)
          .slice(0, form === 'base64' ? -4 : undefined);
        if (written.length > 3) expect(all.includes(written), `${secret} as ${form}`).toBe(false);
      }
    }
    monitor.disconnect();
    monitored.disconnect();
    subscriber.disconnect();
  });

  it('a session that moves is spoken of by its new server', async () => {
    await joined();
    await pair(one.manager, scene.phone);
    await waitForStatus(two.manager, 'shop', 'STANDBY');
    const seen = collectStatus(one.sessions);
    await two.sessions.startSession({ id: 'shop', takeOver: true });
    await waitForStatus(two.manager, 'shop', 'CONNECTED');
    await until('the old server shows it', () => {
      const last = seen.at(-1);
      return last?.status === 'CONNECTED' && last.session.heldBy === 'two';
    });
    expect(await one.sessions.readSession('shop')).toMatchObject({ status: 'CONNECTED', heldBy: 'two' });
    await one.sessions.sendText({ id: 'shop', to: '+15550002', text: 'from both' });
    await until('it arrived', () => scene.contact.received.some(({ text }) => text === 'from both'));
  });
});
