import { afterEach, beforeEach, expect, it } from 'vitest';
import { STREAM_ERRORS } from '../../../src/simulator/stream-error.ts';
import { until } from '../../support/condition.ts';
import { type FleetScene, startFleetScene } from '../../support/fleet-scene.ts';
import { collectTexts, pair, waitForStatus } from '../../support/session-scene.ts';

let scene: FleetScene;
beforeEach(async () => {
  scene = await startFleetScene();
});
afterEach(() => scene.close());

it('law 1: a session that runs on one server stands by on the other, which knows where it is', async () => {
  const [one, two] = [await scene.start('one'), await scene.start('two')];
  await pair(one.manager, scene.phone);
  const logins = scene.simulator.logins;
  expect(await waitForStatus(two.manager, 'shop', 'STANDBY')).toMatchObject({
    heldBy: 'one',
    linked: true,
    statusReason: { code: 'SESSION_HELD_ELSEWHERE' },
  });
  expect(await one.manager.readSession('shop')).toMatchObject({ status: 'CONNECTED', heldBy: 'one' });
  expect(scene.simulator.logins).toBe(logins);
});

it('what needs the holder is refused elsewhere, naming it, and changes nothing', async () => {
  const [one, two] = [await scene.start('one'), await scene.start('two')];
  await pair(one.manager, scene.phone);
  await waitForStatus(two.manager, 'shop', 'STANDBY');
  const id = 'shop';
  const commands = [
    () => two.manager.startSession({ id, takeOver: false }),
    () => two.manager.stopSession(id),
    () => two.manager.logoutSession(id),
    () => two.manager.syncSession({ id }),
    () => two.manager.restoreSession({ id, acceptStale: false }),
    () => two.manager.deleteSession({ id }),
    () => two.manager.deleteSession({ id, stores: ['file'] }),
    () => two.manager.sendText({ id, to: '+15550002', text: 'hello' }),
  ];
  for (const command of commands) {
    const refused = expect(command()).rejects;
    await refused.toMatchObject({ code: 'SESSION_HELD_ELSEWHERE', message: expect.stringContaining('one') });
    await waitForStatus(two.manager, id, 'STANDBY');
  }
  expect(await one.manager.readSession(id)).toMatchObject({ status: 'CONNECTED', desiredState: 'RUNNING' });
});

it('a server that stops hands its sessions over, and nothing is lost', async () => {
  const [one, two] = [await scene.start('one'), await scene.start('two')];
  await pair(one.manager, scene.phone);
  await waitForStatus(two.manager, 'shop', 'STANDBY');
  const texts = collectTexts(two.manager);
  await one.manager.shutdown();
  await scene.contact.sendText(scene.phone, 'while nobody is there');
  await waitForStatus(two.manager, 'shop', 'CONNECTED');
  await until('the message arrived', () => texts.includes('while nobody is there'));
  expect(await two.manager.readSession('shop')).toMatchObject({ heldBy: 'two' });
  const { events } = await two.manager.readHistory('shop', { first: 20 });
  expect(events.map(({ reason }) => reason?.code)).toContain('TAKEN_OVER');
  expect(scene.simulator.anomalies).toEqual([]);
});

it('law 1: a server that cannot reach the database ends its socket before another one may begin', async () => {
  const [one, two] = [await scene.start('one'), await scene.start('two')];
  await pair(one.manager, scene.phone);
  await waitForStatus(two.manager, 'shop', 'STANDBY');
  one.shared.goDown();
  await waitForStatus(one.manager, 'shop', 'RECONNECTING');
  expect((await two.manager.readSession('shop'))?.status).toBe('STANDBY');
  await waitForStatus(two.manager, 'shop', 'CONNECTED');
  one.shared.comeUp();
  expect(await waitForStatus(one.manager, 'shop', 'STANDBY')).toMatchObject({ heldBy: 'two' });
});

it('who waits to try again, and hears that another server has the session, stands by at once', async () => {
  let pause = 0.02;
  const one = await scene.start('one', { random: () => pause });
  const two = await scene.start('two');
  await pair(one.manager, scene.phone);
  await waitForStatus(two.manager, 'shop', 'STANDBY');
  // Half a minute, far longer than anybody waits here.
  pause = 30;
  one.shared.goDown();
  await waitForStatus(one.manager, 'shop', 'RECONNECTING');
  await waitForStatus(two.manager, 'shop', 'CONNECTED');
  one.shared.comeUp();
  expect(await waitForStatus(one.manager, 'shop', 'STANDBY')).toMatchObject({ heldBy: 'two' });
});

it('taken over: the new server connects, the old one is thrown out once and stands by', async () => {
  const [one, two] = [await scene.start('one'), await scene.start('two')];
  await pair(one.manager, scene.phone);
  await waitForStatus(two.manager, 'shop', 'STANDBY');
  const logins = scene.simulator.logins;
  await two.manager.startSession({ id: 'shop', takeOver: true });
  await waitForStatus(two.manager, 'shop', 'CONNECTED');
  expect(await waitForStatus(one.manager, 'shop', 'STANDBY')).toMatchObject({ heldBy: 'two' });
  expect(scene.simulator.logins).toBe(logins + 1);
});

it('replaced by a program that holds no lease: the holder looks, and tries again', async () => {
  const one = await scene.start('one');
  const device = await pair(one.manager, scene.phone);
  device.streamError(STREAM_ERRORS.replaced);
  const view = await waitForStatus(one.manager, 'shop', 'RECONNECTING');
  expect(view.statusReason?.code).toBe('CONNECTION_REPLACED');
  await waitForStatus(one.manager, 'shop', 'CONNECTED');
});

it('law 10: a fleet does not start a session while the lease store is away, even from its own disk', async () => {
  const one = await scene.start('one');
  await pair(one.manager, scene.phone);
  await one.manager.shutdown();
  const again = await scene.start('one', { file: one.file, sharedIs: 'down' });
  const view = await waitForStatus(again.manager, 'shop', 'RECONNECTING');
  expect(view.statusReason?.code).toBe('STORE_UNAVAILABLE');
  again.shared.comeUp();
  await waitForStatus(again.manager, 'shop', 'CONNECTED');
});

it('a restart with the same name takes its own lease at once, and is not fought for it', async () => {
  const one = await scene.start('one');
  await pair(one.manager, scene.phone);
  const again = await scene.start('one', { file: one.file });
  await waitForStatus(again.manager, 'shop', 'CONNECTED');
  await waitForStatus(one.manager, 'shop', 'STANDBY');
  const logins = scene.simulator.logins;
  const polls = one.shared.calls.length;
  const isPoll = ({ operation }: { operation: string }) => operation === 'listLeases';
  await until('it looked again', () => one.shared.calls.slice(polls).filter(isPoll).length >= 3);
  expect(await one.manager.readSession('shop')).toMatchObject({ status: 'STANDBY' });
  expect(scene.simulator.logins).toBe(logins);
});

it('stopped, started, made and deleted on one server: the other one agrees', async () => {
  const [one, two] = [await scene.start('one'), await scene.start('two')];
  await pair(one.manager, scene.phone);
  await waitForStatus(two.manager, 'shop', 'STANDBY');
  await one.manager.stopSession('shop');
  expect(await waitForStatus(two.manager, 'shop', 'STOPPED')).toMatchObject({ desiredState: 'STOPPED' });
  await two.manager.startSession({ id: 'shop', takeOver: false });
  await waitForStatus(two.manager, 'shop', 'CONNECTED');
  expect(await waitForStatus(one.manager, 'shop', 'STANDBY')).toMatchObject({ heldBy: 'two' });
  await two.manager.deleteSession({ id: 'shop' });
  await until('it is gone', async () => (await one.manager.readSession('shop')) === undefined);
});

it('law 10: a single server goes on without the lease store, says so, and stops where another one was let in', async () => {
  const one = await scene.start('one', { startWithoutStores: 'allow' });
  await pair(one.manager, scene.phone);
  one.shared.goDown();
  const lonely = await until('it says so', async () => {
    const view = await one.manager.readSession('shop');
    return view?.degraded?.code === 'LEASE_NOT_RENEWED' && view;
  });
  expect(lonely.status).toBe('CONNECTED');
  const two = await scene.start('two', { startWithoutStores: 'allow' });
  await waitForStatus(two.manager, 'shop', 'CONNECTED');
  one.shared.comeUp();
  expect(await waitForStatus(one.manager, 'shop', 'STANDBY')).toMatchObject({ heldBy: 'two' });
  await two.manager.shutdown();
  await waitForStatus(one.manager, 'shop', 'CONNECTED');
  await until('the history tells what was dropped', async () => {
    const { events } = await one.manager.readHistory('shop', { first: 50 });
    return events.some(({ reason }) => reason?.code === 'CHANGES_DROPPED');
  });
});

it('law 10: a single server starts without the lease store, from its own disk and under the epoch it had', async () => {
  const one = await scene.start('one', { startWithoutStores: 'allow' });
  await pair(one.manager, scene.phone);
  await one.manager.shutdown();
  const { fence } = one.file.disk.copies.get('shop') ?? {};
  const again = await scene.start('one', { startWithoutStores: 'allow', file: one.file, sharedIs: 'down' });
  const view = await waitForStatus(again.manager, 'shop', 'CONNECTED');
  expect(view).toMatchObject({ epoch: fence, degraded: { code: 'LEASE_NOT_RENEWED' } });
  again.shared.comeUp();
  await until('the database has everything', async () => {
    const [file, shared] = await again.manager.readCopies('shop');
    const isRenewed = (await again.manager.readSession('shop'))?.degraded === undefined;
    return isRenewed && shared?.state === 'IN_SYNC' && shared.revision === file?.revision;
  });
});

it('law 10: a copy on its own disk that another owner may be ahead of is nothing to start from alone', async () => {
  const one = await scene.start('one', { startWithoutStores: 'allow' });
  await pair(one.manager, scene.phone);
  await one.manager.shutdown();
  const copy = one.file.disk.copies.get('shop');
  if (!copy?.head) throw new Error('there is no copy');
  // As a rotation of secrets leaves it: what the owner had then, under its epoch.
  one.file.disk.copies.set('shop', {
    ...copy,
    fence: copy.fence - 1,
    head: { ...copy.head, fence: copy.fence - 1 },
  });
  const again = await scene.start('one', { startWithoutStores: 'allow', file: one.file, sharedIs: 'down' });
  const view = await waitForStatus(again.manager, 'shop', 'RECONNECTING');
  expect(view.statusReason?.code).toBe('STORE_UNAVAILABLE');
  again.shared.comeUp();
  await waitForStatus(again.manager, 'shop', 'CONNECTED');
});
