import { expect, it } from 'vitest';
import { createStoreChain, type StoreChain } from '../../../src/core/chain/store-chain.ts';
import { waitToBeAlone } from '../../../src/core/leases/other-servers.ts';
import { createFaultyStore } from '../../contract/faulty-store.ts';
import { createMemoryDisk } from '../../contract/memory-store.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';

const LIFETIME_MS = 15_000;

function scene(startWithoutStores: 'allow' | 'refuse', awaited: string[]) {
  const clock = createFakeClock();
  const disk = createMemoryDisk();
  const shared = createFaultyStore('shared', { clock, disk, leaseLifetimeMs: LIFETIME_MS });
  const chain: StoreChain = createStoreChain({
    stores: [createFaultyStore('file', { clock }), shared],
    awaited: new Set(awaited),
    deadline: { clock, ms: 1_000 },
    maxPendingBytes: 1_000,
    startWithoutStores,
  });
  const waited: string[][] = [];
  const onWait = (others: readonly string[]) => void waited.push([...others]);
  const hold = (holder: string) => shared.leases.acquireLease({ sessionId: 'shop', holder, above: 0 });
  return { clock, shared, waited, hold, begin: () => waitToBeAlone({ chain, holder: 'two', clock, onWait }) };
}

it.each([
  { startWithoutStores: 'allow', awaited: ['file', 'shared'] },
  { startWithoutStores: 'refuse', awaited: ['file'] },
] as const)(
  'law 10: $startWithoutStores, awaiting $awaited: refuses to start beside a server that stays',
  async options => {
    const { clock, hold, begin, waited } = scene(options.startWithoutStores, [...options.awaited]);
    await hold('one');
    const outcome = begin().catch((error: Error) => error);
    for (let second = 0; second < 30; second += 1) {
      await clock.advance(1_000);
      await hold('one');
    }
    expect(await outcome).toMatchObject({
      code: 'SESSION_HELD_ELSEWHERE',
      message: expect.stringMatching(/server one .* store shared .* START_WITHOUT_STORES=refuse/),
    });
    expect(waited).toEqual([['one']]);
  },
);

it('waits until what a killed predecessor left has run out', async () => {
  const { clock, hold, begin, waited } = scene('allow', ['file']);
  await hold('one');
  let isAlone = false;
  const waiting = begin().then(() => {
    isAlone = true;
  });
  await clock.advance(LIFETIME_MS - 1_000);
  expect(isAlone).toBe(false);
  await clock.advance(2_000);
  await waiting;
  expect(waited).toEqual([['one']]);
});

it('starts at once beside nobody, beside its own leases, without an answer, and as one of a fleet', async () => {
  const alone = scene('allow', ['file']);
  await alone.hold('two');
  await alone.begin();
  const silent = scene('allow', ['file']);
  await silent.hold('one');
  silent.shared.goDown();
  await silent.begin();
  const fleet = scene('refuse', ['file', 'shared']);
  await fleet.hold('one');
  await fleet.begin();
  await settled();
  expect([alone, silent, fleet].flatMap(({ waited }) => waited)).toEqual([]);
});
