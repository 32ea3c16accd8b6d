import { expect, it } from 'vitest';
import type { Change } from '../../../src/core/store.ts';
import type { FaultyStore, Operation } from '../../contract/faulty-store.ts';
import { codeOf, valuesOf } from '../../contract/sample-changes.ts';
import { createChainScene, DEADLINE_MS, SESSION } from '../../support/chain-scene.ts';
import { settled } from '../../support/fake-clock.ts';

const MINUTE = 60_000;
const count = ({ calls }: FaultyStore, operation: Operation) =>
  calls.filter(call => call.operation === operation).length;
const changesSentTo = ({ calls }: FaultyStore) =>
  calls.flatMap(({ operation, argument }) => (operation === 'applyChange' ? [argument as Change] : []));

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const settle = () => {
    pending = false;
  };
  promise.then(settle, settle);
  await settled();
  return pending;
}

it.each([
  { awaited: ['first'], waitsFor: [] },
  { awaited: ['first', 'third'], waitsFor: ['third'] },
  { awaited: ['first', 'second', 'third'], waitsFor: ['second', 'third'] },
])('a write that awaits $awaited waits for $waitsFor and no other', async ({ awaited, waitsFor }) => {
  const scene = createChainScene({ names: ['first', 'second', 'third'], awaited });
  const owner = await scene.openOwner();
  await owner.write({ a: '0' });
  await settled();
  for (const store of scene.stores.slice(1)) {
    const release = store.hold('applyChange');
    const write = owner.write({ a: store.name });
    expect(await isPending(write)).toBe(waitsFor.includes(store.name));
    release();
    await write;
    await settled();
  }
  await scene.expectConverged();
});

it('law 7: a store that was away is told what it missed, merged into one change', async () => {
  const scene = createChainScene({ awaited: ['first'] });
  const owner = await scene.openOwner();
  await owner.write({ a: '0' });
  await settled();
  scene.store(1).goDown();
  for (let i = 1; i <= 20; i += 1) await owner.write({ a: String(i), [`b${i % 3}`]: String(i) });
  await scene.clock.advance(MINUTE);
  const before = changesSentTo(scene.store(1)).length;
  scene.store(1).comeUp();
  await scene.clock.advance(MINUTE);
  await scene.expectConverged();
  expect(changesSentTo(scene.store(1)).length - before).toBeLessThanOrEqual(2);
  expect(count(scene.store(1), 'replaceSession')).toBe(0);
});

it('law 14: a store that is owed too much gets a copy', async () => {
  const scene = createChainScene({ awaited: ['first'], maxPendingBytes: 500 });
  const owner = await scene.openOwner();
  await owner.write({ a: '0' });
  await settled();
  scene.store(1).goDown();
  for (let i = 0; i < 20; i += 1) await owner.write({ [`e${i}`]: 'x'.repeat(100) });
  scene.store(1).comeUp();
  await scene.clock.advance(MINUTE);
  await scene.expectConverged();
  expect(count(scene.store(1), 'replaceSession')).toBe(1);
  await owner.write({ a: '1' });
  await settled();
  await scene.expectConverged();
});

it('law 7: a store with another history is replaced whole, and nothing of it is left', async () => {
  const scene = createChainScene();
  const first = await scene.openOwner();
  await first.write({ a: '0' });
  scene.store(1).goDown();
  void first.write({ a: '1' }).catch(() => {});
  await settled();
  first.crash();
  scene.store(1).comeUp();
  // The first store loses what only it had; the second goes on from before that with a history of its own.
  scene.store(0).forget(1);
  const second = await scene.openOwner();
  await second.write({ theirs: 'x' });
  second.crash();
  scene.store(0).wipe();
  scene.store(1).forget(1);
  const third = await scene.openOwner();
  await third.write({ ours: 'y' });
  await scene.clock.advance(MINUTE);
  await scene.expectConverged();
  expect(await valuesOf(scene.store(1), SESSION)).toEqual({ a: '0', ours: 'y' });
});

it('law 7: what was sent is frozen: the very same change is sent until it is answered, and lands once', async () => {
  const scene = createChainScene({ awaited: ['first'] });
  const owner = await scene.openOwner();
  await owner.write({ a: '0' });
  await settled();
  const before = changesSentTo(scene.store(1)).length;
  scene.store(1).loseAnswerOfNext('applyChange', 3);
  await owner.write({ a: '1' });
  await owner.write({ a: '2' });
  await scene.clock.advance(MINUTE);
  const sent = changesSentTo(scene.store(1)).slice(before);
  expect(sent.map(({ head }) => head.revision)).toEqual([2, 2, 2, 2, 3]);
  for (const repeated of sent.slice(1, 4)) expect(repeated).toBe(sent[0]);
  await scene.expectConverged();
});

it('a lost acknowledgement of the base is retried unchanged, and the write succeeds', async () => {
  const scene = createChainScene();
  const owner = await scene.openOwner();
  scene.store(0).loseAnswerOfNext('applyChange', 2);
  const write = owner.write({ a: '1' });
  await scene.clock.advance(500);
  await write;
  expect(owner.writer.head().revision).toBe(1);
  await scene.expectConverged();
});

it('an awaited store that is away for longer than the deadline fails the write', async () => {
  const scene = createChainScene();
  const owner = await scene.openOwner();
  scene.store(1).goDown();
  const code = codeOf(owner.write({ a: '1' }));
  await scene.clock.advance(DEADLINE_MS);
  expect(await code).toBe('STORE_UNAVAILABLE');
});

it('a store that is behind when the session opens catches up without waiting for a write', async () => {
  const scene = createChainScene({ awaited: ['first'] });
  const owner = await scene.openOwner();
  await owner.write({ a: '1' });
  await owner.close();
  scene.store(1).goDown();
  const again = await scene.openOwner();
  scene.store(1).comeUp();
  await scene.clock.advance(MINUTE);
  expect(again.chain.followers(SESSION)[0]?.standing()).toMatchObject({ confirmed: { revision: 1 } });
  again.crash();
  scene.store(1).wipe();
  await scene.openOwner();
  await scene.clock.advance(MINUTE);
  await scene.expectConverged();
});

it.each(['applyChange', 'replaceSession', 'readHead', 'streamEntry'] as const)(
  'a store that never answers one %s is asked again',
  async operation => {
    const scene = createChainScene({ awaited: ['first'] });
    const owner = await scene.openOwner();
    await owner.write({ a: '1', b: '2' });
    await settled();
    if (operation !== 'applyChange') {
      owner.crash();
      scene.store(1).wipe();
    }
    scene.store(operation === 'streamEntry' ? 0 : 1).hangNext(operation);
    const opening = operation === 'applyChange' ? Promise.resolve(owner) : scene.openOwner();
    await scene.clock.advance(DEADLINE_MS + 1);
    await (await opening).write({ a: '2' });
    await scene.clock.advance(MINUTE);
    await scene.expectConverged();
  },
);

it('copies once, also where the base got ahead of what was told', async () => {
  const scene = createChainScene({ awaited: ['first'], maxPendingBytes: 10 });
  const owner = await scene.openOwner();
  await owner.write({ a: '1' });
  await settled();
  // The base has the change and its answer is lost: until the retry nobody tells the follower of it.
  scene.store(1).goDown();
  await owner.write({ big: 'x'.repeat(100) });
  scene.store(0).loseAnswerOfNext('applyChange', 4);
  const write = owner.write({ a: '2' });
  await settled();
  scene.store(1).comeUp();
  const copies = () => count(scene.store(1), 'replaceSession');
  const before = copies();
  await scene.clock.advance(MINUTE);
  await write;
  expect(copies() - before).toBeLessThanOrEqual(1);
  await scene.expectConverged();
});

it('law 1: a follower that knows a newer owner stops the session, which lands nothing more anywhere', async () => {
  const scene = createChainScene({ awaited: ['first'] });
  const old = await scene.openOwner();
  await old.write({ a: '1' });
  await settled();
  const { epoch } = await scene.store(1).leases.acquireLease({ sessionId: SESSION, holder: 'x', above: 5 });
  expect(epoch).toBeGreaterThan(old.epoch);
  await old.write({ a: '2' });
  await settled();
  expect(old.fenced).toMatchObject([{ code: 'STORE_FENCED' }]);
  expect(await codeOf(old.write({ a: '3' }))).toBe('STORE_FENCED');
  expect(await valuesOf(scene.store(1), SESSION)).toEqual({ a: '1' });
});

it('law 1: a zombie of an old epoch lands nothing in any store, nor what it had sent before', async () => {
  const scene = createChainScene({ names: ['first', 'second', 'third'], awaited: ['first'] });
  const zombie = await scene.openOwner();
  await zombie.write({ a: 'shared' });
  await settled();
  const release = scene.stores.map(store => store.hold('applyChange'));
  const code = codeOf(zombie.write({ a: 'too late' }));
  await settled();
  for (const [place, store] of scene.stores.entries()) {
    release[place]?.();
    release[place] = () => {};
    // The new owner's claims overtake the zombie's writes.
    const copy = store.disk.copies.get(SESSION);
    if (copy?.head) {
      const fence = zombie.epoch + 1;
      store.disk.copies.set(SESSION, { ...copy, fence, head: { ...copy.head, fence } });
    }
  }
  expect(await code).toBe('STORE_FENCED');
  const owner = await scene.openOwner();
  await owner.write({ b: 'new' });
  await scene.clock.advance(MINUTE);
  expect(await codeOf(zombie.write({ a: 'again' }))).toBe('STORE_FENCED');
  for (const store of scene.stores) expect(await valuesOf(store, SESSION)).toEqual({ a: 'shared', b: 'new' });
});

it('a copy is incomplete while a writer runs that does not wait for it, and complete after a close in peace', async () => {
  const scene = createChainScene({ names: ['first', 'second', 'third'], awaited: ['first', 'third'] });
  const complete = () =>
    Promise.all(scene.stores.map(async store => (await store.readHead(SESSION))?.complete));
  const owner = await scene.openOwner();
  await owner.write({ a: '1' });
  await settled();
  expect(await complete()).toEqual([true, false, true]);
  await owner.close();
  expect(await complete()).toEqual([true, true, true]);
  const again = await scene.openOwner();
  expect(await complete()).toEqual([true, false, true]);
  scene.store(1).goDown();
  await again.write({ a: '2' });
  const closing = again.close();
  await scene.clock.advance(DEADLINE_MS);
  await closing;
  scene.store(1).comeUp();
  expect(await complete()).toEqual([true, false, true]);
});
