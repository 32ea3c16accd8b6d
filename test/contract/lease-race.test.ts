import { expect, it } from 'vitest';
import { createRandom } from '../support/seeded-random.ts';
import { raceForLeases } from './lease-race.ts';
import { createMemoryDisk, createMemoryStore } from './memory-store.ts';

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

it(`memory stores on one disk: a race for leases has one winner an epoch, seed ${seed}`, async () => {
  const disk = createMemoryDisk();
  let now = Date.now();
  const counts = await raceForLeases({
    stores: ['a', 'b', 'c', 'd'].map(name =>
      createMemoryStore({ name, disk, clock: { now: () => now }, leaseLifetimeMs: 1_000 }),
    ),
    passTime: async ms => {
      now += ms;
    },
    random: createRandom(seed),
    steps: 500,
  });
  expect(Object.keys(counts)).toEqual(expect.arrayContaining(['acquired', 'refused', 'renewed', 'ended']));
});
