import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { until } from '../../support/condition.ts';
import { newReceiver, numbersOf, openScene, SECRET } from './scene.ts';

const HOUR = 3_600_000;
const KINDS = (outcomes: readonly { kind: string }[]) => outcomes.map(({ kind }) => kind);

describe('a webhook', () => {
  it('arrives signed, with its type, time and data', async () => {
    const receiver = await newReceiver();
    const { publish, webhooks } = await openScene({ urls: [receiver.url] });
    await publish('shop', 1);
    const { headers, body } = await until('it is called', () => receiver.calls[0]);
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const mac = createHmac('sha256', Buffer.from(SECRET.slice(6), 'base64'))
      .update(signed)
      .digest('base64');
    expect(headers).toMatchObject({
      'webhook-id': expect.stringMatching(/^msg_/),
      'webhook-timestamp': '1767225600',
      'webhook-signature': `v1,${mac}`,
      'content-type': 'application/json',
    });
    expect(JSON.parse(body)).toEqual({
      type: 'session.connected',
      timestamp: '2026-01-01T00:00:00.000Z',
      data: { lane: 'shop', n: 1 },
    });
    await until('nothing waits', () => webhooks.counts().waiting === 0);
  });

  it('is tried again with longer and longer pauses, under the same id', async () => {
    const receiver = await newReceiver();
    receiver.answer = () => ({ status: receiver.calls.length < 3 ? 500 : 204 });
    const { publish, clock, outcomes } = await openScene({ urls: [receiver.url] });
    await publish('shop', 1);
    await until('it has failed', () => outcomes.length === 1);
    await clock.advance(4_999);
    expect(receiver.calls).toHaveLength(1);
    await clock.advance(1);
    await until('it has failed again', () => outcomes.length === 2);
    await clock.advance(9_999);
    expect(receiver.calls).toHaveLength(2);
    await clock.advance(1);
    await until('it is delivered', () => outcomes.length === 3);
    expect(KINDS(outcomes)).toEqual(['failed', 'failed', 'delivered']);
    expect(new Set(receiver.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    const times = receiver.calls.map(({ headers }) => Number(headers['webhook-timestamp']));
    expect(times.map(time => time - (times[0] ?? 0))).toEqual([0, 5, 15]);
  });

  it('becomes a dead letter after a day, and can be tried again', async () => {
    const receiver = await newReceiver();
    receiver.answer = () => ({ status: 500 });
    const { publish, clock, outcomes, webhooks } = await openScene({ urls: [receiver.url] });
    await publish('shop', 1);
    await until('it has failed', () => outcomes.length === 1);
    while (!KINDS(outcomes).includes('dead')) {
      const before = outcomes.length;
      await clock.advance(2 * HOUR);
      await until('another attempt is over', () => outcomes.length > before);
    }
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(24 * HOUR);
    expect(clock.monotonicMs()).toBeLessThan(48 * HOUR);
    expect(webhooks.counts()).toEqual({ waiting: 0, dead: 1 });
    const [letter] = webhooks.deadLetters();
    expect(letter?.why).toBe('the answer was 500');
    receiver.answer = () => ({ status: 200 });
    expect(webhooks.revive(letter?.delivery.number ?? 0)).toBe(true);
    await until('it is delivered', () => KINDS(outcomes).includes('delivered'));
    expect(webhooks.counts()).toEqual({ waiting: 0, dead: 0 });
    expect(webhooks.revive(77)).toBe(false);
  });

  it('keeps the order of a session, and lets no session wait for another', async () => {
    const receiver = await newReceiver();
    receiver.answer = ({ body }) => ({ status: JSON.parse(body).data.lane === 'bad' ? 500 : 200 });
    const { publish, clock, webhooks } = await openScene({ urls: [receiver.url] });
    await Promise.all([publish('bad', 1), publish('bad', 2), publish('good', 3), publish('good', 4)]);
    await until('the good ones are there', () => numbersOf(receiver).includes(4));
    expect(numbersOf(receiver)).not.toContain(2);
    receiver.answer = () => ({ status: 200 });
    await until('the first attempt is over', () => clock.sleepers > 0);
    await clock.advance(5_000);
    await until('all are there', () => webhooks.counts().waiting === 0);
    expect(numbersOf(receiver).filter(n => n < 3)).toEqual([1, 1, 2]);
    expect(numbersOf(receiver).filter(n => n > 2)).toEqual([3, 4]);
  });

  it('is delivered to each endpoint, whatever the others do', async () => {
    const [one, other] = [await newReceiver(), await newReceiver()];
    one.answer = () => ({ status: 503 });
    const { publish, webhooks } = await openScene({ urls: [one.url, other.url] });
    await publish('shop', 1);
    await until('the other has it', () => webhooks.counts().waiting === 1);
    expect(other.calls[0]?.headers['webhook-id']).toBe(one.calls[0]?.headers['webhook-id']);
  });

  it('follows no redirect', async () => {
    const [receiver, elsewhere] = [await newReceiver(), await newReceiver()];
    receiver.answer = () => ({ status: 307, headers: { location: elsewhere.url } });
    const { publish, outcomes } = await openScene({ urls: [receiver.url] });
    await publish('shop', 1);
    await until('it has failed', () => outcomes.length === 1);
    expect(outcomes[0]).toMatchObject({ kind: 'failed', why: 'the answer was 307' });
    expect(elsewhere.calls).toHaveLength(0);
  });

  it('gives a silent receiver ten seconds', async () => {
    const receiver = await newReceiver();
    receiver.answer = () => 'nothing';
    const { publish, clock, outcomes } = await openScene({ urls: [receiver.url] });
    await publish('shop', 1);
    await until('it is called', () => receiver.calls.length === 1);
    await clock.advance(9_999);
    expect(outcomes).toEqual([]);
    await clock.advance(1);
    await until('it has failed', () => outcomes.length === 1);
    expect(outcomes[0]).toMatchObject({ kind: 'failed', why: 'no answer within 10000 ms' });
  });

  it('does not read an answer without end', async () => {
    const receiver = await newReceiver();
    receiver.answer = () => 'no end';
    const { publish, outcomes } = await openScene({ urls: [receiver.url] });
    await publish('shop', 1);
    await until('it is delivered', () => outcomes.length === 1);
    expect(KINDS(outcomes)).toEqual(['delivered']);
  });

  it('is not sent any more to who answers 410', async () => {
    const receiver = await newReceiver();
    receiver.answer = () => ({ status: 410 });
    const { publish, outcomes, webhooks } = await openScene({ urls: [receiver.url] });
    await Promise.all([publish('shop', 1), publish('shop', 2)]);
    await until('both are dead', () => webhooks.counts().dead === 2);
    await publish('shop', 3);
    expect(KINDS(outcomes)).toEqual(['unsubscribed', 'dead', 'dead']);
    expect(receiver.calls).toHaveLength(1);
    expect(webhooks.counts()).toEqual({ waiting: 0, dead: 2 });
  });

  it('does not go to this machine where nobody has allowed that', async () => {
    const receiver = await newReceiver();
    const named = receiver.url.replace('127.0.0.1', 'localhost');
    const { publish, outcomes } = await openScene({ urls: [receiver.url, named], allowLoopback: false });
    await publish('shop', 1);
    await until('both have failed', () => outcomes.length === 2);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ why: expect.stringMatching(/not public/) });
    expect(receiver.calls).toHaveLength(0);
  });
});
