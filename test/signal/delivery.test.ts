import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../support/condition.ts';
import {
  collectTexts,
  loseMessages,
  pair,
  type SessionScene,
  startSessionScene,
  waitForStatus,
} from '../support/session-scene.ts';

let scene: SessionScene;
beforeEach(async () => {
  scene = await startSessionScene();
});
afterEach(() => scene.close());

it('law 4: nothing reaches WhatsApp before its ratchet is durable', async () => {
  const { simulator, first, phone, contact } = scene;
  const manager = await scene.startManager({ storeDeadlineMs: 10_000 });
  const device = await pair(manager, phone);
  await manager.sendText({ id: 'shop', to: contact.jid, text: 'opens the signal session' });
  await contact.waitForText('opens the signal session');
  await device.idle();
  const before = simulator.clientMessages.length;
  const release = first.hold('applyChange');
  const held = () => first.calls.filter(({ operation }) => operation === 'applyChange').length;
  const writes = held();
  const sending = manager.sendText({ id: 'shop', to: contact.jid, text: 'held back' });
  await until('the ratchet waits for the store', () => held() > writes);
  await contact.sendText(phone, 'meanwhile');
  await new Promise(resolve => setImmediate(resolve));
  expect(simulator.clientMessages.length).toBe(before);
  release();
  await sending;
  await contact.waitForText('held back');
  expect(simulator.anomalies).toEqual([]);
});

it('two sessions of one process that talk to the same contact at the same moment do not wait for each other', async () => {
  const { simulator, phone, contact } = scene;
  const manager = await scene.startManager();
  const other = simulator.createPhone({ number: '15550009' });
  await pair(manager, phone, 'one');
  await pair(manager, other, 'two');
  const texts = collectTexts(manager);
  const rounds = Array.from({ length: 5 }, (_, round) => round);
  await Promise.all(
    rounds.flatMap(round => [
      manager.sendText({ id: 'one', to: contact.jid, text: `from one ${round}` }),
      manager.sendText({ id: 'two', to: contact.jid, text: `from two ${round}` }),
      contact.sendText(phone, `to one ${round}`),
      contact.sendText(other, `to two ${round}`),
    ]),
  );
  for (const round of rounds) {
    await contact.waitForText(`from one ${round}`);
    await contact.waitForText(`from two ${round}`);
  }
  await until('all messages arrived', () => texts.length >= 2 * rounds.length);
  expect(simulator.anomalies).toEqual([]);
});

it('a message under an old signal session does not break the new one that crossed it', async () => {
  const { simulator, phone, contact } = scene;
  const manager = await scene.startManager();
  const device = await pair(manager, phone);
  const texts = collectTexts(manager);
  const send = (text: string) => manager.sendText({ id: 'shop', to: contact.jid, text });
  const arrives = (text: string) => until(`${text} arrives`, () => texts.includes(text));
  await send('ask');
  await contact.waitForText('ask', 0);
  for (const text of ['answer', 'another answer']) {
    await contact.sendText(phone, text, { from: 'phone' });
    await arrives(text);
  }
  await send('read, with a new step not yet used');
  await contact.waitForText('read, with a new step not yet used', 0);
  await device.idle();
  device.disconnect('close');
  await waitForStatus(manager, 'shop', 'RECONNECTING');
  await waitForStatus(manager, 'shop', 'CONNECTED');
  await device.online();
  const { isLost, stop } = loseMessages(simulator);
  const lost = expect(send('opens a new signal session, and is lost')).rejects.toMatchObject({
    code: 'SESSION_NOT_CONNECTED',
  });
  await until('it is lost', isLost);
  stop();
  await contact.sendText(phone, 'under the old one', { from: 'phone' });
  await arrives('under the old one');
  await send('under the new one');
  await contact.waitForText('under the new one', 0);
  expect(simulator.anomalies).toEqual([]);
  await manager.stopSession('shop');
  await lost;
});

it('a message whose receipt was lost is settled as a duplicate, and seen once', async () => {
  const { simulator, phone, contact } = scene;
  const manager = await scene.startManager();
  const device = await pair(manager, phone);
  const texts = collectTexts(manager);
  await device.idle();
  const stop = simulator.intercept(({ direction, node }) =>
    direction === 'from-client' && ['receipt', 'ack'].includes(node.tag) ? 'drop' : undefined,
  );
  await contact.sendText(phone, 'once');
  await until('the text arrives', () => texts.includes('once'));
  device.disconnect('reset');
  await device.closed();
  stop();
  await until('it is settled', () => simulator.settled.find(({ text }) => text === 'once'));
  expect(simulator.settled.find(({ text }) => text === 'once')).toMatchObject({ outcome: 'duplicate' });
  expect(texts.filter(text => text === 'once')).toEqual(['once']);
  expect(simulator.anomalies).toEqual([]);
});

it('whatever WhatsApp counts as settled has reached a subscriber, wherever the connection is cut', async () => {
  const { simulator, phone, contact } = scene;
  const manager = await scene.startManager();
  const device = await pair(manager, phone);
  const texts = collectTexts(manager);
  let sent = 0;
  const plan = fc.record({ messages: fc.integer({ min: 1, max: 4 }), cutAfter: fc.nat(12) });
  await fc.assert(
    fc.asyncProperty(plan, async ({ messages, cutAfter }) => {
      let stanzas = 0;
      const stop = simulator.intercept(() => {
        if (stanzas++ === cutAfter) device.disconnect('reset');
        return undefined;
      });
      for (let i = 0; i < messages; i += 1) await contact.sendText(phone, `text ${sent++}`);
      await device.idle();
      stop();
      await waitForStatus(manager, 'shop', 'CONNECTED');
      const settled = simulator.settled.map(({ text }) => text).filter(text => text.startsWith('text'));
      expect(new Set(texts)).toEqual(new Set(settled));
      expect(texts.length).toBe(new Set(texts).size);
    }),
    { numRuns: 12 },
  );
  expect(sent).toBe(new Set(texts).size);
  expect(simulator.anomalies).toEqual([]);
});

it('a message whose key is spent reaches the subscriber, also where the stores never confirmed that', async () => {
  const { second, phone, contact } = scene;
  const manager = await scene.startManager({ storeDeadlineMs: 150 });
  await pair(manager, phone);
  const texts = collectTexts(manager);
  for (const text of ['opens the session', 'goes on']) {
    await contact.sendText(phone, text);
    await until(`"${text}" arrived`, () => texts.includes(text));
  }
  const release = second.holdAnswers('applyChange');
  await contact.sendText(phone, 'never confirmed');
  await waitForStatus(manager, 'shop', 'RECONNECTING');
  release();
  await waitForStatus(manager, 'shop', 'CONNECTED');
  await contact.sendText(phone, 'afterwards');
  await until('the next one arrived', () => texts.includes('afterwards'));
  expect(texts).toContain('never confirmed');
  expect(scene.simulator.anomalies).toEqual([]);
});
