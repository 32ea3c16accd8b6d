import fc from 'fast-check';
import { it } from 'vitest';
import { stateOf } from '../../contract/sample-changes.ts';
import { type ModelScene, playModel } from '../../support/chain-model.ts';
import { steps } from '../../support/chain-plans.ts';
import { createChainScene, DEADLINE_MS, SESSION } from '../../support/chain-scene.ts';

const RUNS = Number(process.env.MODEL_RUNS ?? 60);
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

/** Over stores in memory, and by a clock that the model moves. */
function createMemoryScene(names: readonly string[]): ModelScene {
  const scene = createChainScene({ names: names as readonly [string, ...string[]] });
  const { clock, stores, store } = scene;
  return {
    deadlineMs: DEADLINE_MS,
    openOwner: excluded => scene.openOwner({ excluded: excluded.flatMap(place => names[place] ?? []) }),
    advance: ms => clock.advance(ms),
    async strike(fault, place) {
      const struck = store(place);
      if (fault === 'down') struck.goDown();
      else if (fault === 'up') struck.comeUp();
      else if (fault === 'hang') struck.hangNext('applyChange');
      else if (fault === 'slow') void clock.sleep(DEADLINE_MS / 2).then(struck.hold('applyChange'));
      else if (fault === 'full') struck.failNext('applyChange', 'STORE_UNREADABLE', 2);
      else struck.loseAnswerOfNext('applyChange', 2);
    },
    async lose(loss, place, writes) {
      if (loss === 'wipe') store(place).wipe();
      else if (loss === 'damage') store(place).damage(SESSION);
      else store(place).forget(writes);
    },
    async backUp(place) {
      const putBack = store(place).backUp();
      return async () => {
        // A store that does not answer while a session is closed stays as it is.
        for (const one of stores) one.forgive();
        putBack();
      };
    },
    states: () => Promise.all(stores.map(one => stateOf(one, SESSION).catch(() => undefined))),
    comeRight() {
      for (const one of stores) one.comeUp();
    },
    expectConverged: scene.expectConverged,
  };
}

it.each([[['first', 'second']], [['first', 'second', 'third']]] as const)(
  `laws 2, 3, 6, 7 and 8: over %j nothing acknowledged is ever missing, positions never go back, and all stores converge, seed ${SEED}`,
  async names => {
    const run = fc.asyncProperty(steps(names.length), plan => playModel(createMemoryScene(names), plan));
    await fc.assert(run, { numRuns: RUNS, seed: SEED });
  },
  20_000 + RUNS * 200,
);
