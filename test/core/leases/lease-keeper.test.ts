import { expect, it } from 'vitest';
import { createStoreChain } from '../../../src/core/chain/store-chain.ts';
import { createLeaseKeeper } from '../../../src/core/leases/lease-keeper.ts';
import { createFaultyStore } from '../../contract/faulty-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const LIFETIME_MS = 3_000;

function createScene() {
  const clock = createFakeClock();
  const shared = createFaultyStore('shared', { clock, leaseLifetimeMs: LIFETIME_MS });
  const chain = createStoreChain({
    stores: [createFaultyStore('file', { clock }), shared],
    awaited: new Set(['file', 'shared']),
    deadline: { clock, ms: LIFETIME_MS * 2 },
    maxPendingBytes: 1_000,
    startWithoutStores: 'refuse',
  });
  return { clock, shared, keeper: createLeaseKeeper({ chain, holder: 'one', clock }) };
}

it('tells of an end that came before anybody listened', async () => {
  const { clock, shared, keeper } = createScene();
  const answer = shared.holdAnswers('acquireLease');
  const acquiring = keeper.acquire('shop');
  await clock.advance(LIFETIME_MS);
  answer();
  const lease = await acquiring;
  await clock.advance(1);
  const told: string[] = [];
  lease.onLost(({ code }) => told.push(code));
  expect(told).toEqual(['STORE_UNAVAILABLE']);
});

it('tells whoever listens when it could not be renewed in time, once, and before the store lets others in', async () => {
  const { clock, shared, keeper } = createScene();
  const lease = await keeper.acquire('shop');
  const told: string[] = [];
  lease.onLost(({ code }) => told.push(code));
  shared.failNext('renewLeases', 'STORE_UNAVAILABLE', 10);
  await clock.advance(LIFETIME_MS - 1);
  expect(told).toEqual(['STORE_UNAVAILABLE']);
  await clock.advance(LIFETIME_MS);
  expect(told).toHaveLength(1);
});

it('a renewal that hangs costs no lease: it is asked again before the end', async () => {
  const { clock, shared, keeper } = createScene();
  const lease = await keeper.acquire('shop');
  const told: string[] = [];
  lease.onLost(({ code }) => told.push(code));
  shared.hangNext('renewLeases');
  await clock.advance(LIFETIME_MS * 2);
  expect(told).toEqual([]);
  expect(lease.doubt()).toBeUndefined();
});

it('a renewal that is answered late counts, from when it was asked', async () => {
  const { clock, shared, keeper } = createScene();
  const lease = await keeper.acquire('shop');
  const told: string[] = [];
  lease.onLost(({ code }) => told.push(code));
  const answer = shared.holdAnswers('renewLeases');
  await clock.advance((LIFETIME_MS * 2) / 3 + 10);
  expect(lease.doubt()).toMatchObject({ code: 'STORE_UNAVAILABLE' });
  answer();
  await clock.advance(0);
  expect(lease.doubt()).toBeUndefined();
  shared.failNext('renewLeases', 'STORE_UNAVAILABLE', 100);
  await clock.advance(LIFETIME_MS / 6);
  expect(told).toEqual([]);
  await clock.advance(LIFETIME_MS);
  expect(told).toEqual(['STORE_UNAVAILABLE']);
});
