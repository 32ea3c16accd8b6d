import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createKeyring } from '../../../src/core/sealing/keyring.ts';
import { until } from '../../support/condition.ts';
import { newDirectory, newReceiver, numbersOf, openScene } from './scene.ts';

/** Nobody listens there: what is accepted stays. */
const NOWHERE = 'http://127.0.0.1:9/';

/** What a process leaves behind that is killed after some events were accepted. */
async function leaveBehind(lanes: readonly string[]): Promise<string> {
  const { publish, directory, webhooks } = await openScene({ urls: [NOWHERE] });
  for (const [n, lane] of lanes.entries()) await publish(lane, n);
  const copy = await newDirectory();
  const left = await readFile(join(directory, 'outbox'));
  await webhooks.close();
  await appendFile(join(copy, 'outbox'), left);
  return copy;
}

describe('the outbox', () => {
  it('delivers after a kill what was accepted before it, in order', async () => {
    const directory = await newDirectory();
    const receiver = await newReceiver();
    receiver.answer = () => ({ status: 500 });
    const killed = await openScene({ urls: [receiver.url], directory: await newDirectory() });
    for (const n of [1, 2, 3]) await killed.publish('shop', n);
    // What is on the disk at this moment is what a killed process leaves.
    await appendFile(join(directory, 'outbox'), await readFile(join(killed.directory, 'outbox')));
    await until('the first attempt is over', () => killed.outcomes.length === 1);
    await killed.webhooks.close();
    const tried = receiver.calls.length;
    receiver.answer = () => ({ status: 200 });
    const { webhooks } = await openScene({ urls: [receiver.url], directory });
    await until('all are delivered', () => webhooks.counts().waiting === 0);
    expect(numbersOf(receiver).slice(tried)).toEqual([1, 2, 3]);
  });

  it('does not deliver again what it knows to be delivered', async () => {
    const receiver = await newReceiver();
    const first = await openScene({ urls: [receiver.url] });
    await first.publish('shop', 1);
    await until('it is delivered', () => first.outcomes.length === 1);
    await first.webhooks.close();
    const { webhooks } = await openScene({ urls: [receiver.url], directory: first.directory });
    expect(webhooks.counts()).toEqual({ waiting: 0, dead: 0 });
  });

  it('bears a line that was cut off, and one that it can not read', async () => {
    const directory = await leaveBehind(['shop', 'shop']);
    const path = join(directory, 'outbox');
    const whole = await readFile(path, 'latin1');
    const [line = ''] = whole.split('\n');
    await appendFile(path, line.slice(0, -9));
    const torn = await openScene({ urls: [NOWHERE], directory });
    expect(torn.webhooks.counts().waiting).toBe(2);
    expect(torn.webhooks.unreadable).toBe(0);
    await torn.webhooks.close();
    await appendFile(path, '\n');
    const damaged = await openScene({ urls: [NOWHERE], directory });
    expect(damaged.webhooks.counts().waiting).toBe(2);
    expect(damaged.webhooks.unreadable).toBe(1);
    // It writes its file anew, and keeps the old one.
    await damaged.publish('shop', 9);
    expect(await readFile(`${path}.unreadable`, 'latin1')).toContain(whole);
    await damaged.webhooks.close();
    const again = await openScene({ urls: [NOWHERE], directory });
    expect(again.webhooks.counts().waiting).toBe(3);
    expect(again.webhooks.unreadable).toBe(0);
  });

  it('shows nothing of what it holds, and opens under an older secret, but no other', async () => {
    const directory = await leaveBehind(['a-session-name']);
    const text = await readFile(join(directory, 'outbox'), 'latin1');
    const plain = Buffer.from(text, 'base64').toString('latin1');
    for (const word of ['a-session-name', 'session.connected', '127.0.0.1']) {
      expect(text + plain).not.toContain(word);
    }
    const other = await createKeyring(['7a'.repeat(32)]);
    const both = await createKeyring(['7a'.repeat(32), '5e'.repeat(32)]);
    const blind = await openScene({ urls: [NOWHERE], directory, keys: other.derive('webhook-outbox') });
    expect(blind.webhooks.counts().waiting).toBe(0);
    expect(blind.webhooks.unreadable).toBe(1);
    await blind.webhooks.close();
    const { webhooks } = await openScene({ urls: [NOWHERE], directory, keys: both.derive('webhook-outbox') });
    expect(webhooks.counts().waiting).toBe(1);
  });

  it.each([
    ['in number', { count: 3, bytes: 1e6 }],
    ['in bytes', { count: 100, bytes: 3 * 110 }],
  ])('is bounded %s: the oldest make room', async (_how, room) => {
    const limits = { waiting: room, dead: room };
    const { publish, dropped, webhooks, directory } = await openScene({ urls: [NOWHERE], limits });
    for (const n of [1, 2, 3, 4, 5]) await publish('shop', n);
    expect(webhooks.counts().waiting).toBe(3);
    expect(dropped.map(({ body }) => JSON.parse(body).data.n)).toEqual([1, 2]);
    await webhooks.close();
    const receiver = await newReceiver();
    const after = await openScene({ urls: [NOWHERE, receiver.url], directory });
    expect(after.webhooks.counts().waiting).toBe(3);
  });

  it.each([
    ['in number', { count: 3, bytes: 1e6 }],
    ['in bytes', { count: 100, bytes: 3 * 110 }],
  ])('what was given up is bounded %s as well: the newest are kept', async (_how, room) => {
    const receiver = await newReceiver();
    receiver.answer = () => ({ status: 410 });
    const limits = { waiting: { count: 100, bytes: 1e6 }, dead: room };
    const { publish, webhooks, directory } = await openScene({ urls: [receiver.url], limits });
    await Promise.all([1, 2, 3, 4, 5].map(n => publish('shop', n)));
    await until('all are given up', () => webhooks.counts().waiting === 0);
    const kept = () => webhooks.deadLetters().map(({ delivery }) => JSON.parse(delivery.body).data.n);
    expect(kept()).toEqual([3, 4, 5]);
    await webhooks.close();
    const after = await openScene({ urls: [receiver.url], directory, limits });
    expect(after.webhooks.counts()).toEqual({ waiting: 0, dead: 3 });
  });

  it('does not grow with what passes through it', async () => {
    const receiver = await newReceiver();
    const { webhooks, directory } = await openScene({ urls: [receiver.url] });
    const data = { filling: 'x'.repeat(100_000) };
    for (let n = 0; n < 40; n += 1) {
      await webhooks.publish({ type: 'message.received', lane: 'shop', at: new Date(0), data });
      await until('it is delivered', () => webhooks.counts().waiting === 0);
    }
    await webhooks.close();
    expect((await stat(join(directory, 'outbox'))).size).toBeLessThan(1.5 * 1024 * 1024);
  });

  it('forgets what was for an endpoint that is no longer configured', async () => {
    const directory = await leaveBehind(['shop']);
    const receiver = await newReceiver();
    const { webhooks } = await openScene({ urls: [receiver.url], directory });
    expect(webhooks.counts().waiting).toBe(0);
  });
});
