import { expect, it } from 'vitest';
import { createLeaseWatch } from '../../../src/core/leases/lease-watch.ts';
import { createFaultyStore } from '../../contract/faulty-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function createScene() {
  const clock = createFakeClock();
  const store = createFaultyStore('shared', { clock, leaseLifetimeMs: 60_000 });
  const { leases } = store;
  const watch = createLeaseWatch({ leases, isOurs: ({ holder }) => holder === 'us', clock });
  const hold = (sessionId: string, holder: string) =>
    leases.acquireLease({ sessionId, holder, above: 0, whereHeld: 'take-over' });
  return { clock, store, leases, watch, hold };
}

it('knows who holds a session, also while the store does not answer', async () => {
  const { clock, store, watch, hold } = createScene();
  watch.start(async () => true);
  await hold('shop', 'one');
  await clock.advance(1_000);
  store.goDown();
  expect(await watch.holderOf('shop')).toBe('one');
  expect(await watch.holderOf('other')).toBeUndefined();
  watch.stop();
});

it('tells once of each session that somebody else holds, and of each new holder', async () => {
  const { clock, watch, hold } = createScene();
  const told: string[] = [];
  watch.start(async ({ sessionId, holder }) => {
    told.push(`${sessionId} by ${holder}`);
    return true;
  });
  await hold('shop', 'one');
  await hold('mine', 'us');
  await clock.advance(2_000);
  await hold('shop', 'two');
  await clock.advance(2_000);
  watch.stop();
  expect(told).toEqual(['shop by one', 'shop by two']);
});

it('tells again of a session of which nothing could be found yet', async () => {
  const { clock, watch, hold } = createScene();
  const answers = [false, new Error('the store is away'), true];
  let asked = 0;
  watch.start(async () => {
    const answer = answers[asked];
    asked += 1;
    if (answer instanceof Error) throw answer;
    return answer ?? true;
  });
  await hold('shop', 'one');
  await clock.advance(5_000);
  watch.stop();
  expect(asked).toBe(3);
});

it('wakes who waits when the session is released, and not before', async () => {
  const { clock, leases, watch, hold } = createScene();
  watch.start(async () => true);
  const lease = await hold('shop', 'one');
  await clock.advance(1_000);
  let isFree = false;
  void watch.freed('shop', new AbortController().signal).then(() => {
    isFree = true;
  });
  await clock.advance(2_000);
  expect(isFree).toBe(false);
  await leases.releaseLease(lease);
  await clock.advance(1_000);
  watch.stop();
  expect(isFree).toBe(true);
});
