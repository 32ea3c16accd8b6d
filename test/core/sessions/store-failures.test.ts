import { afterEach, beforeEach, expect, it } from 'vitest';
import { StoreError } from '../../../src/core/errors.ts';
import { until } from '../../support/condition.ts';
import {
  collectTexts,
  pair,
  type SessionScene,
  startSessionScene,
  waitForStatus,
} from '../../support/session-scene.ts';

let scene: SessionScene;
beforeEach(async () => {
  scene = await startSessionScene();
});
afterEach(() => scene.close());

it.each(['first', 'second'] as const)(
  'law 9: the %s store goes away: the session stops, says why, overwrites nothing, and comes back by itself',
  async name => {
    const { simulator, phone, contact } = scene;
    const manager = await scene.startManager();
    const device = await pair(manager, phone);
    const texts = collectTexts(manager);
    await device.idle();
    scene[name].goDown();
    await contact.sendText(phone, 'while the store is away');
    const view = await until('it says why', async () => {
      const found = await manager.readSession('shop');
      return found?.statusReason?.code === 'STORE_UNAVAILABLE' && found;
    });
    expect(view.status).toBe('RECONNECTING');
    await device.closed();
    expect(texts).toEqual([]);
    scene[name].comeUp();
    await waitForStatus(manager, 'shop', 'CONNECTED');
    await until('the message arrives', () => texts.includes('while the store is away'));
    await manager.sendText({ id: 'shop', to: contact.jid, text: 'back' });
    await contact.waitForText('back');
    expect(texts).toEqual(['while the store is away']);
    expect(simulator.anomalies.filter(({ kind }) => kind !== 'retry-receipt')).toEqual([]);
  },
);

it('law 9: a ratchet that cannot be read ends the session before anything is written over it', async () => {
  const { simulator, first, phone, contact } = scene;
  const manager = await scene.startManager();
  const device = await pair(manager, phone);
  await contact.sendText(phone, 'opens the signal session');
  await device.idle();
  await manager.shutdown();
  const again = await scene.startManager();
  await waitForStatus(again, 'shop', 'CONNECTED');
  await device.online();
  const texts = collectTexts(again);
  first.failNext('loadEntries', 'SESSION_CORRUPT');
  const writes = () => first.calls.filter(({ operation }) => operation === 'applyChange').length;
  const before = writes();
  await contact.sendText(phone, 'cannot be read yet');
  const view = await waitForStatus(again, 'shop', 'FAILED');
  expect(view.statusReason?.code).toBe('SESSION_CORRUPT');
  expect(writes()).toBe(before);
  await again.startSession({ id: 'shop', takeOver: false });
  await until('the message arrives', () => texts.includes('cannot be read yet'));
  expect(simulator.anomalies).toEqual([]);
});

it('law 9: no socket lives on what was lost while it was being opened', async () => {
  const { simulator, phone, contact } = scene;
  const paired = await scene.startManager();
  const device = await pair(paired, phone);
  await device.idle();
  await paired.shutdown();
  await contact.sendText(phone, 'waits');
  let openings = 0;
  const manager = await scene.startManager({
    around: vault => ({
      ...vault,
      async open(request) {
        const opened = await vault.open(request);
        openings += 1;
        if (openings === 1)
          request.onFailure(new StoreError('STORE_UNAVAILABLE', 'chain', 'the lease ended'));
        return opened;
      },
    }),
  });
  const texts = collectTexts(manager);
  await until('the message arrives', () => texts.includes('waits'));
  expect(openings).toBe(2);
  expect(simulator.anomalies).toEqual([]);
});

it('a stop that cannot be saved is refused, and the session goes on', async () => {
  const { first, phone } = scene;
  const manager = await scene.startManager();
  const device = await pair(manager, phone);
  first.goDown();
  await expect(manager.stopSession('shop')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  first.comeUp();
  await until('it is connected again', () => device.isOnline);
  expect(await waitForStatus(manager, 'shop', 'CONNECTED')).toMatchObject({ desiredState: 'RUNNING' });
});

it('a start by hand that fails does not end the tries that go on by themselves', async () => {
  const { first, phone } = scene;
  const manager = await scene.startManager();
  const device = await pair(manager, phone);
  first.goDown();
  await scene.contact.sendText(phone, 'finds the store down');
  await device.closed();
  await waitForStatus(manager, 'shop', 'RECONNECTING');
  await expect(manager.startSession({ id: 'shop', takeOver: false })).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  });
  first.comeUp();
  await waitForStatus(manager, 'shop', 'CONNECTED');
});

it('deletes while another store is silent, says so, and tells that store when it is back', async () => {
  const manager = await scene.startManager();
  await pair(manager, scene.phone);
  await manager.stopSession('shop');
  scene.second.goDown();
  const deletion = await manager.deleteSession({ id: 'shop' });
  expect(deletion).toMatchObject({ deletedFrom: ['first'], pendingIn: ['second'] });
  scene.second.comeUp();
  await until('it is told', async () => (await scene.second.readHead('shop'))?.deleted);
});
