import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ClientVersion, createClientVersion } from '../../../src/core/baileys/client-version.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { LOGIN_FAILURES } from '../../../src/simulator/reception.ts';
import { until } from '../../support/condition.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { pair, type SessionScene, startSessionScene, waitForStatus } from '../../support/session-scene.ts';

const NEWEST = [2, 3000, 1_099_999_999] as [number, number, number];

let scene: SessionScene;
beforeEach(async () => {
  scene = await startSessionScene();
});
afterEach(() => scene.close());

it('an outdated client asks once for the newest version, for all sessions, and is let in with it', async () => {
  const fetchNewest = vi.fn(async () => NEWEST);
  const version = createClientVersion(systemClock, fetchNewest);
  const manager = await scene.startManager({ version });
  const ids = ['one', 'two', 'three'];
  const phones = ids.map((_, place) => scene.simulator.createPhone({ number: `1555010${place}` }));
  const devices = [];
  for (const [place, id] of ids.entries()) {
    const phone = phones[place];
    if (phone) devices.push(await pair(manager, phone, id));
  }
  const letIn = scene.simulator.refuseLogins(LOGIN_FAILURES.outdated);
  for (const device of devices) device.disconnect('reset');
  for (const id of ids) {
    await until(`${id} knows why`, async () => {
      const view = await manager.readSession(id);
      return view?.statusReason?.code === 'CLIENT_OUTDATED';
    });
  }
  letIn();
  for (const id of ids) expect(await waitForStatus(manager, id, 'CONNECTED')).toMatchObject({ linked: true });
  expect(fetchNewest).toHaveBeenCalledTimes(1);
  expect(version.current()).toEqual(NEWEST);
});

it('asks again an hour later, or a minute after it got no answer', async () => {
  const clock = createFakeClock();
  const answers = [undefined, new Error('no network'), NEWEST, NEWEST];
  const fetchNewest = vi.fn(async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const version: ClientVersion = createClientVersion(clock, fetchNewest);
  const askAfter = async (ms: number) => {
    await clock.advance(ms);
    await Promise.all([version.refresh(), version.refresh()]);
    return fetchNewest.mock.calls.length;
  };
  expect(await askAfter(0)).toBe(1);
  expect(await askAfter(59_000)).toBe(1);
  expect(await askAfter(1_000)).toBe(2);
  expect(version.current()).toBeUndefined();
  expect(await askAfter(60_000)).toBe(3);
  expect(version.current()).toEqual(NEWEST);
  expect(await askAfter(59 * 60_000)).toBe(3);
  expect(await askAfter(60_000)).toBe(4);
});
