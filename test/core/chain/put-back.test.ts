import { expect, it } from 'vitest';
import { tombstone } from '../../../src/core/chain/tombstone.ts';
import { nextHead } from '../../../src/core/position.ts';
import type { Head } from '../../../src/core/store.ts';
import { codeOf, valuesOf } from '../../contract/sample-changes.ts';
import { createChainScene, DEADLINE_MS, type Owner, SESSION } from '../../support/chain-scene.ts';
import { settled } from '../../support/fake-clock.ts';

/** Of the patrol. */
const TEN_SECONDS = 10_000;
const TEN_MINUTES = 600_000;
const AWAITED = [{ awaited: ['first', 'second'] }, { awaited: ['first'] }];

/** A session that rests, whose second store has come back from a backup without anybody's having asked it anything. */
async function createScene(awaited: readonly string[], writes = 3) {
  const scene = createChainScene({ awaited });
  const first = await scene.openOwner();
  await first.write({ a: '1' });
  await first.close();
  const owner = await scene.openOwner();
  await owner.write({ a: '2' });
  await owner.write({ a: '3' });
  await settled();
  // Three: to where it stood after the first close.
  if (writes > 0) scene.store(1).forget(writes);
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
    await scene.clock.advance(2 * TEN_SECONDS);
    await scene.expectConverged();
    scene.owner.crash();
  },
);

it.each([
  { where: 'to where the session was opened', writes: 3 },
  { where: 'to a place after that', writes: 1 },
])('law 6: a copy that went back $where says that it is not whole until it is', async ({ writes }) => {
  const scene = await createScene(['first', 'second'], writes);
  // Not even the word that it is not whole goes through at first.
  const release = scene.store(1).hold('applyChange');
  scene.store(1).hold('replaceSession');
  await scene.clock.advance(TEN_MINUTES / 2);
  // The lag that others see, and wait for.
  const standing = scene.owner.chain.followers(SESSION)[0]?.standing();
  expect(standing?.confirmed?.revision).not.toBe(3);
  expect(standing?.owedSince).toBeDefined();
  release();
  await scene.clock.advance(TEN_MINUTES / 2);
  scene.owner.crash();
  scene.store(0).wipe();
  const next = await scene.openOwner();
  expect(await valuesOf(scene.store(1), SESSION)).not.toEqual({ a: '3' });
  expect(next.isPossiblyBehind).toBe(true);
});

it('law 6: a copy that only lacks what nobody was told of is not said to be incomplete', async () => {
  const scene = createChainScene({ startWithoutStores: 'refuse' });
  const owner = await scene.openOwner();
  await owner.write({ a: '1' });
  scene.store(1).hangNext('applyChange');
  void owner.write({ a: 'unacknowledged' }).catch(() => {});
  await settled();
  owner.crash();
  const release = scene.store(1).hold('replaceSession');
  const next = await scene.openOwner();
  await scene.clock.advance(DEADLINE_MS / 2);
  next.crash();
  scene.store(0).wipe();
  release();
  expect((await scene.openOwner()).isPossiblyBehind).toBe(false);
});

it('law 6: where all stores went back the session ends, and its next opening knows that it lacks something', async () => {
  const scene = await createScene(['first', 'second']);
  scene.store(0).forget(1);
  await scene.clock.advance(TEN_MINUTES);
  expect(scene.owner.fenced).toMatchObject([{ code: 'STORE_STALE', store: 'first' }]);
  expect(await scene.store(1).readHead(SESSION)).toMatchObject({ complete: false });
  const next = await scene.openOwner({ after: scene.owner });
  expect(next.isPossiblyBehind).toBe(true);
});

it('law 6: where the first store was emptied as well the session ends', async () => {
  const scene = await createScene(['first', 'second']);
  scene.store(0).wipe();
  await scene.clock.advance(TEN_MINUTES);
  expect(scene.owner.fenced).toMatchObject([{ code: 'STORE_STALE', store: 'first' }]);
});

it('a session runs on where the first store cannot give the copy that another one is owed', async () => {
  const scene = createChainScene({ awaited: ['first'] });
  const owner = await scene.openOwner();
  await owner.write({ a: '1' });
  await owner.close();
  scene.store(1).wipe();
  scene.store(0).failNext('loadSession', 'SESSION_CORRUPT', 1_000);
  const next = await scene.openOwner();
  await scene.clock.advance(TEN_MINUTES);
  expect(next.fenced).toEqual([]);
  next.crash();
});

it('law 8: a deletion that a silent store learnt of reaches the first store, also beside a write', async () => {
  const scene = createChainScene({ awaited: ['first'] });
  const owner = await scene.openOwner();
  await owner.write({ a: '1' });
  await owner.close();
  const base = (await scene.store(0).readHead(SESSION)) as Head;
  const { epoch } = await scene.store(1).leases.acquireLease({ sessionId: SESSION, holder: 'y', above: 1 });
  const deletion = { sessionId: SESSION, epoch, head: nextHead(base, epoch, []), complete: true };
  await scene.store(1).replaceSession(tombstone(deletion));
  scene.store(1).goDown();
  const next = await scene.openOwner({ after: owner });
  const release = scene.store(0).holdAnswers('readHead');
  scene.store(1).comeUp();
  await scene.clock.advance(DEADLINE_MS / 2);
  await next.write({ a: '2' });
  release();
  await scene.clock.advance(TEN_SECONDS);
  expect(await scene.store(0).readHead(SESSION)).toMatchObject({ deleted: true });
});

it('law 6: the only store went back: who wrote to it knows that it lacks something', async () => {
  const scene = createChainScene({ names: ['first'] });
  const owner = await scene.openOwner();
  await owner.write({ a: '1' });
  await owner.write({ a: '2' });
  scene.store(0).forget(1);
  expect(await codeOf(owner.write({ a: '3' }))).toBe('STORE_STALE');
  expect((await scene.openOwner({ after: owner })).isPossiblyBehind).toBe(true);
});

it.each(AWAITED)(
  'a close waits for no store that is down and owes nothing, $awaited awaited',
  async ({ awaited }) => {
    const scene = createChainScene({ awaited });
    const owner = await scene.openOwner();
    await owner.write({ a: '1' });
    await settled();
    scene.store(1).goDown();
    await owner.close();
    expect(scene.clock.sleepers).toBeLessThanOrEqual(2);
  },
);

it('a close waits for no store that knows another owner', async () => {
  const scene = createChainScene();
  const owner = await scene.openOwner();
  await owner.write({ a: '1' });
  await scene.store(1).leases.acquireLease({ sessionId: SESSION, holder: 'x', above: 5 });
  await scene.clock.advance(TEN_MINUTES);
  expect(owner.fenced).toMatchObject([{ code: 'STORE_FENCED' }]);
  await owner.close();
});

it('a close believes no answer that was on its way before', async () => {
  const scene = createChainScene({ awaited: ['first'] });
  const owner = await scene.openOwner();
  await owner.write({ a: '1' });
  await owner.write({ a: '2' });
  await settled();
  const release = scene.store(1).holdAnswers('readHead');
  await scene.clock.advance(TEN_MINUTES / 2);
  scene.store(1).forget(1);
  const closing = owner.close();
  await settled();
  release();
  await closing;
  expect(await scene.store(1).readHead(SESSION)).toMatchObject({ revision: 2, complete: true });
});

it('a close asks for itself, also where somebody who asked before gets no answer', async () => {
  const scene = await createScene(['first', 'second'], 0);
  scene.store(1).hangNext('readHead');
  await scene.clock.advance(TEN_MINUTES / 2 + DEADLINE_MS * 0.9);
  scene.store(1).forget(1);
  await close(scene.owner, scene, DEADLINE_MS * 3);
  expect(await scene.store(1).readHead(SESSION)).toMatchObject({ revision: 3, complete: true });
});

it('a change that a store refuses is looked into at once, however long it was away', async () => {
  const scene = createChainScene({ awaited: ['first'] });
  const owner = await scene.openOwner();
  await owner.write({ a: '1' });
  await owner.write({ a: '2' });
  await settled();
  scene.store(1).goDown();
  await owner.write({ a: '3' });
  await scene.clock.advance(2 * TEN_SECONDS);
  scene.store(1).forget(1);
  scene.store(1).comeUp();
  await close(owner, scene, 1);
  expect(await scene.store(1).readHead(SESSION)).toMatchObject({ revision: 3, complete: true });
});

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
