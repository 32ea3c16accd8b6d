import { expect, it } from 'vitest';
import { tombstone } from '../../../src/core/chain/tombstone.ts';
import { nextHead } from '../../../src/core/position.ts';
import { createFaultyStore, type FaultyStore } from '../../contract/faulty-store.ts';
import { changeOf, codeOf, headAt, valuesOf } from '../../contract/sample-changes.ts';
import { createChainScene, DEADLINE_MS, type Owner, SESSION } from '../../support/chain-scene.ts';
import { settled } from '../../support/fake-clock.ts';

/** The first store is one change behind the second. */
async function sceneWithStaleBase() {
  const scene = createChainScene();
  const owner = await scene.openOwner();
  await owner.write({ a: 'old', gone: 'x' });
  await owner.write({ a: 'new', gone: undefined, b: '1' });
  owner.crash();
  scene.store(0).forget(1);
  expect(await valuesOf(scene.store(0), SESSION)).toEqual({ a: 'old', gone: 'x' });
  return scene;
}

function tellToForget(store: FaultyStore, { epoch, writer }: Owner): Promise<void> {
  const claim = { sessionId: SESSION, epoch, head: writer.durableHead(), complete: false };
  return store.replaceSession(tombstone(claim));
}

it('law 6: takes the freshest copy whole, and fills the base before anything is read', async () => {
  const scene = await sceneWithStaleBase();
  const owner = await scene.openOwner();
  expect(owner.openedAt.revision).toBe(2);
  expect(await owner.values(['a', 'b', 'gone'])).toEqual({ a: 'new', b: '1' });
  await scene.expectConverged();
});

it('fills an empty base, and goes on where the other store stands', async () => {
  const scene = await sceneWithStaleBase();
  scene.store(0).wipe();
  const owner = await scene.openOwner();
  await owner.write({ c: '3' });
  expect(await valuesOf(scene.store(0), SESSION)).toEqual({ a: 'new', b: '1', c: '3' });
  await scene.expectConverged();
});

it('heals a damaged base from the other store', async () => {
  const scene = await sceneWithStaleBase();
  scene.store(0).damage(SESSION);
  const owner = await scene.openOwner();
  expect(await owner.values(['a', 'b'])).toEqual({ a: 'new', b: '1' });
});

it.each([0, 1])(
  'law 6: store %i, told to forget the session and given it again, gets the whole of it',
  async place => {
    const scene = createChainScene();
    const excluded = scene.store(place).name;
    const first = await scene.openOwner({ excluded: [excluded] });
    await first.write({ a: '0', b: '0' });
    await tellToForget(scene.store(place), first);
    await first.close();
    const second = await scene.openOwner();
    expect(await second.values(['a', 'b'])).toEqual({ a: '0', b: '0' });
    await second.write({ a: '1' });
    await settled();
    await scene.expectConverged();
    expect(await valuesOf(scene.store(place), SESSION)).toEqual({ a: '1', b: '0' });
  },
);

it('law 6: the tombstone of a store that was told to forget the session does not vouch for the copy of another', async () => {
  const scene = createChainScene({ names: ['first', 'second', 'third'], awaited: ['first'] });
  const first = await scene.openOwner({ excluded: ['second'] });
  await first.write({ a: '0' });
  await settled();
  await tellToForget(scene.store(1), first);
  first.crash();
  scene.store(0).wipe();
  expect((await scene.openOwner({ excluded: ['second'] })).isPossiblyBehind).toBe(true);
  expect((await scene.openOwner()).isPossiblyBehind).toBe(true);
});

it('does not open on a base that is down, nor on one that is damaged while nobody else has the session', async () => {
  const scene = createChainScene();
  const owner = await scene.openOwner();
  await owner.write({ a: '1' });
  await owner.close();
  scene.store(0).failNext('readHead', 'STORE_UNAVAILABLE', 2);
  expect(await codeOf(scene.openOwner())).toBe('STORE_UNAVAILABLE');
  for (const store of scene.stores) store.damage(SESSION);
  expect(await codeOf(scene.openOwner())).toBe('SESSION_CORRUPT');
});

it('law 5: no session begins anew over an empty store while another one cannot be asked', async () => {
  const scene = createChainScene();
  const owner = await scene.openOwner();
  await owner.write({ a: '1' });
  owner.crash();
  scene.store(0).wipe();
  scene.store(1).goDown();
  expect(await codeOf(scene.openOwner())).toBe('STORE_UNAVAILABLE');
  scene.store(1).comeUp();
  expect((await scene.openOwner()).openedAt.revision).toBe(1);
});

it('law 5: silence is told before damage: it may end, and then there may be a whole copy', async () => {
  const scene = createChainScene();
  const owner = await scene.openOwner();
  await owner.write({ a: '1' });
  await owner.close();
  scene.store(0).damage(SESSION);
  scene.store(1).goDown();
  expect(await codeOf(scene.openOwner())).toBe('STORE_UNAVAILABLE');
  expect(await codeOf(owner.chain.readHead(SESSION))).toBe('STORE_UNAVAILABLE');
});

it('law 5: a store that is down is not a store that is empty', async () => {
  const scene = createChainScene();
  const owner = await scene.openOwner();
  await owner.write({ a: '1' });
  owner.crash();
  scene.store(0).wipe();
  scene.store(1).failNext('readHead', 'STORE_UNAVAILABLE', 10);
  expect(await codeOf(owner.chain.loadEntries(SESSION, ['a']))).toBe('STORE_UNAVAILABLE');
  expect(await codeOf(owner.chain.readHead(SESSION))).toBe('STORE_UNAVAILABLE');
});

it.each([
  { operation: 'applyChange', place: 0 },
  { operation: 'replaceSession', place: 0 },
  { operation: 'streamEntry', place: 1 },
] as const)('a store that hangs in $operation fails the opening at the deadline', async hang => {
  const scene = hang.operation === 'applyChange' ? createChainScene() : await sceneWithStaleBase();
  if (hang.operation === 'applyChange') await (await scene.openOwner()).write({ a: '1' });
  scene.store(hang.place).hangNext(hang.operation);
  let code = 'none';
  const opening = codeOf(scene.openOwner()).then(found => {
    code = found;
  });
  await scene.clock.advance(DEADLINE_MS + 1);
  expect(code).toBe('STORE_UNAVAILABLE');
  await opening;
  await scene.openOwner();
});

it('a copy may take longer than the deadline, as long as it goes on', async () => {
  const scene = createChainScene();
  const owner = await scene.openOwner();
  for (let i = 0; i < 5; i += 1) await owner.write({ [`e${i}`]: 'x' });
  owner.crash();
  scene.store(0).wipe();
  let isOpen = false;
  let release = scene.store(1).hold('streamEntry');
  const opening = scene.openOwner().then(() => {
    isOpen = true;
  });
  for (let i = 0; i < 4; i += 1) {
    await scene.clock.advance(DEADLINE_MS * 0.9);
    const passOne = release;
    release = scene.store(1).hold('streamEntry');
    passOne();
  }
  expect(isOpen).toBe(false);
  release();
  await opening;
  await scene.expectConverged();
});

it('law 6: says that it may be behind, until something was written, also after a crash in between', async () => {
  const scene = createChainScene({ names: ['first', 'second', 'third'], awaited: ['first', 'second'] });
  const owner = await scene.openOwner();
  await owner.write({ a: 'everywhere' });
  await settled();
  scene.store(2).goDown();
  await owner.write({ a: 'not on the third' });
  owner.crash();
  scene.store(2).comeUp();
  scene.store(0).wipe();
  scene.store(1).wipe();
  for (let crash = 0; crash < 2; crash += 1) {
    const hasty = await scene.openOwner();
    await scene.clock.advance(DEADLINE_MS);
    expect([hasty.isPossiblyBehind, await hasty.values(['a'])]).toEqual([true, { a: 'everywhere' }]);
    hasty.crash();
  }
  const careful = await scene.openOwner();
  await careful.write({ a: 'made safe' });
  careful.crash();
  expect((await scene.openOwner()).isPossiblyBehind).toBe(false);
});

it('an excluded store is neither asked nor written', async () => {
  const scene = createChainScene();
  scene.store(1).goDown();
  const owner = await scene.openOwner({ excluded: ['second'] });
  await owner.write({ a: '1' });
  await owner.close();
  scene.store(1).comeUp();
  expect(await valuesOf(scene.store(1), SESSION)).toBeUndefined();
});

it.each([
  { which: 'the base is at the head', isBaseBehind: false },
  { which: 'the base is filled', isBaseBehind: true },
])(
  'law 1: what an older owner lands between the look and the claim counts, where $which',
  async ({ isBaseBehind }) => {
    const scene = createChainScene();
    const old = await scene.openOwner();
    await old.write({ a: '1' });
    await settled();
    if (isBaseBehind) scene.store(0).wipe();
    const claim = scene.store(1).hold('applyChange');
    const opening = scene.openOwner();
    await settled();
    const itsConnection = createFaultyStore('second', { disk: scene.store(1).disk });
    const { epoch } = old;
    await itsConnection.applyChange(changeOf(SESSION, old.writer.head(), headAt(epoch, 2), { a: 'late' }));
    claim();
    const owner = await opening;
    expect(owner.openedAt.revision).toBe(2);
    expect(await owner.values(['a'])).toEqual({ a: 'late' });
    await owner.write({ b: 'newer' });
    expect(await codeOf(old.write({ a: 'too late' }))).toBe('STORE_FENCED');
    await scene.expectConverged();
  },
);

/** The first store was put back to before the last change, and the one that has it was silent when it was opened. */
async function sceneWithBetterCopy() {
  const scene = createChainScene();
  const before = await scene.openOwner();
  await before.write({ a: '0' });
  await before.write({ a: '1', b: '1' });
  await before.write({ a: '2' });
  before.crash();
  scene.store(0).forget(2);
  scene.store(1).goDown();
  const owner = await scene.openOwner();
  expect(owner.openedAt.revision).toBe(1);
  return { scene, owner };
}

it('law 6: a silent store that turns out to have more ends the session, which goes on from there', async () => {
  const { scene, owner } = await sceneWithBetterCopy();
  scene.store(1).comeUp();
  await scene.clock.advance(60_000);
  expect(owner.fenced.map(({ code }) => code)).toEqual(['STORE_DIVERGED']);
  owner.crash();
  const next = await scene.openOwner();
  expect(next.isPossiblyBehind).toBe(false);
  expect(await next.values(['a', 'b'])).toEqual({ a: '2', b: '1' });
  await scene.expectConverged();
});

it('law 6: where something was written meanwhile, what is opened next may be behind, and says so', async () => {
  const { scene, owner } = await sceneWithBetterCopy();
  void owner.write({ a: 'another 1' }).catch(() => {});
  await settled();
  scene.store(1).comeUp();
  await scene.clock.advance(60_000);
  expect(owner.fenced.map(({ code }) => code)).toEqual(['STORE_DIVERGED']);
  owner.crash();
  const next = await scene.openOwner();
  expect(next.isPossiblyBehind).toBe(true);
  await next.write({ a: 'after that' });
  await scene.clock.advance(60_000);
  await scene.expectConverged();
  next.crash();
  expect((await scene.openOwner()).isPossiblyBehind).toBe(false);
});

it('law 6: where more was written meanwhile than was missing, the doubt stays until the session is written anew', async () => {
  const { scene, owner } = await sceneWithBetterCopy();
  for (const a of ['another 1', 'another 2', '3', '4']) void owner.write({ a }).catch(() => {});
  await settled();
  scene.store(1).comeUp();
  await scene.clock.advance(60_000);
  owner.crash();
  const next = await scene.openOwner({ after: owner });
  expect(next.isPossiblyBehind).toBe(true);
  const head = nextHead(next.writer.durableHead(), next.epoch, []);
  const anew = { sessionId: SESSION, fence: next.epoch, head, complete: true, deleted: false, entries: [] };
  await next.chain.replaceSession(anew);
  next.crash();
  expect((await scene.openOwner({ after: next })).isPossiblyBehind).toBe(false);
});

it('law 8: a silent store that turns out to know of a deletion ends the session, and what was written beside it', async () => {
  const scene = createChainScene();
  const before = await scene.openOwner();
  await before.write({ a: '0' });
  await before.write({ a: '1' });
  const deletedAt = nextHead(before.writer.durableHead(), before.epoch, []);
  await before.chain.deleteSession(SESSION, deletedAt);
  before.crash();
  // Put back to before the deletion.
  scene.store(0).forget(1);
  scene.store(1).goDown();
  const owner = await scene.openOwner();
  void owner.write({ a: '2' }).catch(() => {});
  await settled();
  scene.store(1).comeUp();
  await scene.clock.advance(60_000);
  expect(owner.fenced.map(({ code }) => code)).toEqual(['STORE_DIVERGED']);
  owner.crash();
  expect(await (await scene.openOwner()).chain.readHead(SESSION)).toMatchObject({ deleted: true });
  await scene.clock.advance(60_000);
  for (const store of scene.stores) expect((await store.readHead(SESSION))?.deleted).toBe(true);
});

it('law 5: where only a store that was told to forget the session answers, it is not "not found"', async () => {
  const scene = createChainScene();
  const owner = await scene.openOwner({ excluded: ['second'] });
  await owner.write({ a: '0' });
  await tellToForget(scene.store(1), owner);
  owner.crash();
  scene.store(0).failNext('readHead', 'STORE_UNAVAILABLE', 2);
  expect(await codeOf(owner.chain.readHead(SESSION))).toBe('STORE_UNAVAILABLE');
  expect(await codeOf(owner.chain.loadEntries(SESSION, ['a']))).toBe('STORE_UNAVAILABLE');
  expect(await owner.chain.readHead(SESSION)).toMatchObject({ deleted: false });
});
