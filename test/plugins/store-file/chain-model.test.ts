import fc from 'fast-check';
import { it } from 'vitest';
import { playModel } from '../../support/chain-model.ts';
import { steps } from '../../support/chain-plans.ts';
import { createFilesScene } from './model-scene.ts';

const RUNS = Number(process.env.MODEL_RUNS ?? 10);
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

it.each([2, 3])(
  `laws 2, 3, 6, 7 and 8: over %i file stores on disks that fail nothing acknowledged is ever missing, and all converge, seed ${SEED}`,
  { timeout: 20_000 + RUNS * 20_000 },
  async count => {
    const run = fc.asyncProperty(steps(count), async plan => {
      const scene = await createFilesScene(count);
      try {
        await playModel(scene, plan);
      } finally {
        await scene.close();
      }
    });
    await fc.assert(run, { numRuns: RUNS, seed: SEED, endOnFailure: true });
  },
);
