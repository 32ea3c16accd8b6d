import { expect, it } from 'vitest';
import { nextHead } from '../../../src/core/position.ts';
import { createChainScene, SESSION } from '../../support/chain-scene.ts';
import { settled } from '../../support/fake-clock.ts';

const ROUND_MS = 10_000;
const TEN_MINUTES = 600_000;

/** So many sessions at rest, and one more. */
async function createScene(count: number) {
  const scene = createChainScene();
  const owner = await scene.openOwner();
  for (let number = 0; number < count; number += 1)
    await owner.chain.openSession({ sessionId: `s${number}`, epoch: 1, excluded: [], onFenced: () => {} });
  await settled();
  return { ...scene, owner, calls: () => scene.store(1).calls };
}

it('a copy that nobody spoiled is asked after and not written anew', async () => {
  const { owner, ...scene } = await createScene(0);
  await owner.write({ a: '1' });
  const before = scene.store(1).calls.length;
  await scene.clock.advance(TEN_MINUTES);
  const asked = scene.store(1).calls.slice(before);
  expect(asked.length).toBeGreaterThan(0);
  expect(new Set(asked.map(({ operation }) => operation))).toEqual(new Set(['readHead']));
});

it('asks after few sessions at a time, and leaves one alone that was deleted', async () => {
  const { owner, clock, calls } = await createScene(250);
  const { chain, writer, epoch } = owner;
  await chain.deleteSession(SESSION, nextHead(writer.head(), epoch, []));
  await clock.advance(TEN_MINUTES / 2 - 1);
  const before = calls().length;
  const asked: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    await clock.advance(ROUND_MS);
    asked.push(calls().length - before);
  }
  expect(asked).toEqual([100, 200, 250, 250]);
  expect(
    calls()
      .slice(before)
      .map(({ argument }) => argument),
  ).not.toContain(SESSION);
  await chain.close();
  const ended = calls().length;
  await clock.advance(TEN_MINUTES);
  expect(calls().length).toBe(ended);
});

it('asks a store that is down for one session at a time, and says of none that it lags', async () => {
  const { owner, clock, store, calls } = await createScene(250);
  store(1).goDown();
  await clock.advance(TEN_MINUTES);
  const before = calls().length;
  await clock.advance(ROUND_MS);
  expect(calls().length - before).toBeLessThanOrEqual(1);
  for (let number = 0; number < 250; number += 1)
    expect(owner.chain.followers(`s${number}`)[0]?.standing().error).toBeUndefined();
  await owner.chain.close();
});
