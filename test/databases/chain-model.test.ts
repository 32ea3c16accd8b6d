import fc from 'fast-check';
import { it } from 'vitest';
import type { ServiceName } from '../../scripts/services/services.mjs';
import { playModel } from '../support/chain-model.ts';
import { steps } from '../support/chain-plans.ts';
import { describeWithService, serviceOf } from '../support/services.ts';
import { createDatabasesScene } from './model-scene.ts';

const RUNS = Number(process.env.MODEL_RUNS ?? 2);
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
/** After the file store. */
const CHAINS: readonly (readonly ServiceName[])[] = [['mongodb'], ['mariadb'], ['mongodb', 'mariadb']];

for (const names of CHAINS)
  describeWithService(names[0] as ServiceName, `file, ${names.join(', ')}`, () => {
    it(`laws 2, 3, 6, 7 and 8: nothing acknowledged is ever missing, positions never go back, and real stores converge, seed ${SEED}`, {
      timeout: 60_000 + RUNS * 60_000,
    }, async ({ skip }) => {
      const services = await Promise.all(names.map(serviceOf));
      const urls = services.flatMap(service => service?.url ?? []);
      if (urls.length < names.length) skip('one of the two is missing');
      const run = fc.asyncProperty(steps(names.length + 1), async plan => {
        const scene = await createDatabasesScene(urls);
        try {
          await playModel(scene, plan);
        } finally {
          await scene.close();
        }
      });
      await fc.assert(run, { numRuns: RUNS, seed: SEED, endOnFailure: true });
      process.stdout.write(`${RUNS} histories over file and ${names.join(' and ')}, seed ${SEED}\n`);
    });
  });
