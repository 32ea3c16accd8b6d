import { expect, it } from 'vitest';
import { valuesOf } from '../../contract/sample-changes.ts';
import { createChainScene, DEADLINE_MS, type Owner, SESSION } from '../../support/chain-scene.ts';
import { settled } from '../../support/fake-clock.ts';

const TEN_SECONDS = 10_000;
const TEN_MINUTES = 600_000;
const AWAITED = [{ awaited: ['first', 'second'] }, { awaited: ['first'] }];

/** A session that rests, whose second store has come back from a backup without anybody's having asked it anything. */
async function createScene(awaited: readonly string[]) {
  const scene = createChainScene({ awaited });
  const first = await scene.openOwner();
  await first.write({ a: '1' });
  await first.close();
  const owner = await scene.openOwner();
  await owner.write({ a: '2' });
  await owner.write({ a: '3' });
  await settled();
  // To where it stood after the first close.
  scene.store(1).forget(3);
  return { ...scene, owner };
}

async function close(owner: Owner, scene: { clock: { advance(ms: number): Promise<void> } }, ms: number) {
  const closing = owner.close();
  await scene.clock.advance(ms);
  await closing;
}

it.each(AWAITED)(
  'law 6: an older backup that was put back while its session rests is noticed when it is closed, $awaited awaited',
  async ({ awaited }) => {
    const scene = await createScene(awaited);
    await close(scene.owner, scene, DEADLINE_MS);
    await scene.expectConverged();
    expect(await scene.store(1).readHead(SESSION)).toMatchObject({ revision: 3, complete: true });

    scene.store(0).wipe();
    const next = await scene.openOwner();
    expect(next.isPossiblyBehind).toBe(false);
    expect(await next.values(['a'])).toEqual({ a: '3' });
  },
);

it.each(AWAITED)(
  'law 6: an older backup that was put back while its session rests is noticed within ten minutes, $awaited awaited',
  async ({ awaited }) => {
    const scene = await createScene(awaited);
    await scene.clock.advance(TEN_MINUTES);
    await scene.expectConverged();
    scene.owner.crash();
  },
);

it.each(AWAITED)(
  'law 6: a store that comes back from a failure is asked after soon, $awaited awaited',
  async ({ awaited }) => {
    const scene = await createScene(awaited);
    scene.store(1).goDown();
    await expect(scene.owner.chain.stores[1]?.probe()).rejects.toThrow();
    scene.store(1).comeUp();
    await scene.clock.advance(TEN_SECONDS);
    await scene.expectConverged();
    scene.owner.crash();
  },
);

it('a copy that nobody spoiled is asked after and not written anew', async () => {
  const scene = createChainScene();
  const owner = await scene.openOwner();
  await owner.write({ a: '1' });
  const before = scene.store(1).calls.length;
  await scene.clock.advance(TEN_MINUTES);
  const asked = scene.store(1).calls.slice(before);
  expect(asked.length).toBeGreaterThan(0);
  expect(new Set(asked.map(({ operation }) => operation))).toEqual(new Set(['readHead']));
});

it.each(AWAITED)(
  'law 6: a copy that is to be replaced says that it is not whole until it is, $awaited awaited',
  async ({ awaited }) => {
    const scene = await createScene(awaited);
    scene.store(1).hold('replaceSession');
    await scene.clock.advance(TEN_MINUTES);
    scene.owner.crash();
    scene.store(0).wipe();
    const next = await scene.openOwner();
    expect(await valuesOf(scene.store(1), SESSION)).toEqual({ a: '1' });
    expect(next.isPossiblyBehind).toBe(true);
  },
);

it('a session that is closed waits for a copy that is under way as long as it moves', async () => {
  const scene = createChainScene();
  const owner = await scene.openOwner();
  const names = Array.from({ length: 10 }, (_, number) => `entry${number}`);
  await owner.write(Object.fromEntries(names.map(name => [name, 'x'])));
  scene.store(1).wipe();
  // Each entry takes most of what a call may take.
  const slowly = async () => {
    for (const _ of names) {
      const release = scene.store(0).hold('streamEntry');
      await scene.clock.sleep(DEADLINE_MS * 0.8);
      release();
    }
  };
  void slowly();
  await close(owner, scene, DEADLINE_MS * names.length);
  await scene.expectConverged();
});
