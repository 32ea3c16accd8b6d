import { expect, it } from 'vitest';
import { createToldLeases } from '../../../src/core/leases/told-leases.ts';
import { createFaultyStore } from '../../contract/faulty-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const LIFETIME_MS = 60_000;

function createScene() {
  const clock = createFakeClock();
  const { leases } = createFaultyStore('shared', { clock, leaseLifetimeMs: LIFETIME_MS });
  const told = createToldLeases(leases, clock);
  return {
    clock,
    leases,
    told,
    hold: (holder: string) =>
      leases.acquireLease({ sessionId: 'shop', holder, above: 0, whereHeld: 'take-over' }),
    hear: async () => told.hear(await leases.listLeases(), clock.monotonicMs()),
    isFree: async () => (await told.findFree(['shop'])).length === 1,
  };
}

it('a session of which nothing was told is free, and one whose lease runs is not', async () => {
  const { told, hold, hear, isFree } = createScene();
  expect(await isFree()).toBe(true);
  await hold('one');
  await hear();
  expect(await isFree()).toBe(false);
  expect(await told.findFree(['other', 'shop'])).toEqual(['other']);
});

it('one whose lease ran out is free at once', async () => {
  const { clock, hold, hear, isFree } = createScene();
  await hold('one');
  await hear();
  await clock.advance(LIFETIME_MS);
  await hear();
  expect(await isFree()).toBe(true);
});

it('one that was released is free at once', async () => {
  const { leases, hold, hear, isFree } = createScene();
  const lease = await hold('one');
  await hear();
  await leases.releaseLease(lease);
  await hear();
  expect(await isFree()).toBe(true);
});

it('law 1: a lease that a store forgot before its time is its holder’s for one more lifetime', async () => {
  const { clock, told, hold, hear, isFree } = createScene();
  await hold('one');
  await hear();
  await clock.advance(LIFETIME_MS / 2);
  told.hear([], clock.monotonicMs());
  expect(await isFree()).toBe(false);
  await clock.advance(LIFETIME_MS - 1);
  told.hear([], clock.monotonicMs());
  expect(await isFree()).toBe(false);
  await clock.advance(1);
  told.hear([], clock.monotonicMs());
  expect(await isFree()).toBe(true);
});

it('law 1: an older lease that a store knows again does not hide the newer one', async () => {
  const { clock, leases, told, hold, hear, isFree } = createScene();
  const older = await hold('one');
  const newer = await hold('two');
  await hear();
  told.hear([{ ...older, leftMs: 1_000 }], clock.monotonicMs());
  expect(await isFree()).toBe(false);
  await clock.advance(1_000);
  told.hear([], clock.monotonicMs());
  expect(await isFree()).toBe(false);
  await leases.releaseLease(newer);
  expect(await isFree()).toBe(true);
});

it('where the store cannot be asked nobody is free that was told to run', async () => {
  const clock = createFakeClock();
  const store = createFaultyStore('shared', { clock, leaseLifetimeMs: LIFETIME_MS });
  const told = createToldLeases(store.leases, clock);
  await store.leases.acquireLease({ sessionId: 'shop', holder: 'one', above: 0 });
  told.hear(await store.leases.listLeases(), clock.monotonicMs());
  told.hear([], clock.monotonicMs());
  store.failNext('findReleased', 'STORE_UNAVAILABLE');
  await expect(told.findFree(['shop'])).rejects.toThrow();
});

it('a lease that its holder had not renewed in time is over when it was told to be, whatever the clocks', async () => {
  const { clock, told, hold, hear, isFree } = createScene();
  await hold('one');
  await hear();
  await clock.advance(LIFETIME_MS * 0.9);
  told.hear([], clock.monotonicMs());
  expect(await isFree()).toBe(false);
  await clock.advance(LIFETIME_MS * 0.1);
  told.hear([], clock.monotonicMs());
  expect(await isFree()).toBe(true);
});
