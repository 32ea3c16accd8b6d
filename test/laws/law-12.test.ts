import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SessionManager } from '../../src/core/sessions/session-manager.ts';
import { until } from '../support/condition.ts';
import { type SessionScene, startSessionScene, waitForStatus } from '../support/session-scene.ts';

let scene: SessionScene;
let manager: SessionManager;
beforeEach(async () => {
  scene = await startSessionScene();
  manager = await scene.startManager({ storeDeadlineMs: 20_000 });
});
afterEach(() => scene.close());

const isPending = <T>(promise: Promise<T>) => Promise.race([promise.then(() => false), immediately()]);
/** After everything that is ready to run, network included, has had a turn. */
async function immediately(): Promise<true> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
  return true;
}

it('law 12: no QR code is shown before the credentials behind it are durable', async () => {
  const release = scene.second.hold('replaceSession');
  const creating = manager.createSession({ id: 'shop' });
  await until('the credentials are on their way', () =>
    scene.second.calls.some(({ operation }) => operation === 'replaceSession'),
  );
  expect(await isPending(creating)).toBe(true);
  expect(scene.simulator.qrCodesIssued).toBe(0);
  release();
  await creating;
  expect((await manager.watchQr('shop').next()).value.data).toMatch(/.+/);
});

it('law 12: no pairing code is told before the credentials behind it are durable', async () => {
  await manager.createSession({ id: 'shop' });
  await manager.watchQr('shop').next();
  const release = scene.second.hold('applyChange');
  const asking = manager.requestPairingCode({ id: 'shop', phoneNumber: '+15550001' });
  await until('the code is on its way', () => scene.simulator.pendingPairingCodes.length === 1);
  expect(await isPending(asking)).toBe(true);
  release();
  const { code } = await asking;
  await scene.phone.typeCode(code);
  await waitForStatus(manager, 'shop', 'CONNECTED');
});

it('law 12: the login that follows a pairing waits until the pairing is durable', async () => {
  await manager.createSession({ id: 'shop' });
  const { value } = await manager.watchQr('shop').next();
  const release = scene.second.hold('applyChange');
  const device = await scene.phone.scan(value.data);
  await device.closed();
  await immediately();
  expect(device.isConnected).toBe(false);
  release();
  await waitForStatus(manager, 'shop', 'CONNECTED');
  await device.online();
});
