import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { until } from '../support/condition.ts';
import {
  loseMessages,
  type ManagerOptions,
  pair,
  type SessionScene,
  startSessionScene,
} from '../support/session-scene.ts';

let scene: SessionScene;
beforeEach(async () => {
  scene = await startSessionScene();
});
afterEach(() => scene.close());

/** By which twenty seconds pass in a moment, as long as somebody is in a hurry. */
function createHasteClock(): Clock & { isInHaste: boolean } {
  const clock = {
    ...systemClock,
    isInHaste: true,
    sleep: (ms: number, signal?: AbortSignal) =>
      systemClock.sleep(clock.isInHaste && ms === 20_000 ? 200 : ms, signal),
  };
  return clock;
}

const MESSAGE = { id: 'shop', text: 'is it there?', messageId: 'M1' };

async function startPaired(options?: ManagerOptions) {
  const manager = await scene.startManager(options);
  const device = await pair(manager, scene.phone);
  await device.idle();
  const send = () => manager.sendText({ ...MESSAGE, to: scene.contact.jid });
  return { device, send };
}

it('a text is confirmed when WhatsApp has it, not when it is written', async () => {
  const { send, device } = await startPaired();
  const { isLost, stop } = loseMessages(scene.simulator);
  const outcome = send().catch(({ code }) => code);
  await until('the text is written, and lost', isLost);
  device.disconnect('reset');
  expect(await outcome).toBe('SESSION_NOT_CONNECTED');
  stop();
  expect(scene.contact.received).toEqual([]);
  const repeated = await until('it is connected again', () => send().catch(() => undefined));
  expect(repeated).toEqual({ messageId: 'M1' });
  await scene.contact.waitForText(MESSAGE.text);
});

it('a text that nobody acknowledges is refused after twenty seconds, and goes out by a repetition', async () => {
  const clock = createHasteClock();
  const { send } = await startPaired({ clock });
  const { stop } = loseMessages(scene.simulator);
  await expect(send()).rejects.toMatchObject({
    code: 'SESSION_NOT_CONNECTED',
    message: expect.stringContaining('did not acknowledge'),
  });
  stop();
  clock.isInHaste = false;
  await send();
  await scene.contact.waitForText(MESSAGE.text);
});

it('a text that WhatsApp refuses is told as refused, and was not sent', async () => {
  const { send } = await startPaired();
  scene.contact.refuseMessages(463);
  await expect(send()).rejects.toMatchObject({
    code: 'MESSAGE_REFUSED',
    message: 'WhatsApp refused the message (error 463)',
  });
  expect(scene.contact.received).toEqual([]);
  scene.contact.refuseMessages(undefined);
  await send();
  await scene.contact.waitForText(MESSAGE.text);
});
