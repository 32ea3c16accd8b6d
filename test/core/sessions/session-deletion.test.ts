import { expect, it } from 'vitest';
import { createStoreChain } from '../../../src/core/chain/store-chain.ts';
import { createLeaseKeeper } from '../../../src/core/leases/lease-keeper.ts';
import { deleteEverywhere, spreadDeletion } from '../../../src/core/sessions/session-deletion.ts';
import type { Replacement } from '../../../src/core/store.ts';
import { createFaultyStore, type FaultyStore } from '../../contract/faulty-store.ts';
import { changeOf, headAt, replacementOf, tombstoneOf, valuesOf } from '../../contract/sample-changes.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const ID = 'shop';

/** The second store issues the leases, as a database does. */
function createScene() {
  const clock = createFakeClock();
  const first = createFaultyStore('first', { clock });
  const second = createFaultyStore('second', { clock, leaseLifetimeMs: 60_000 });
  const deadline = { clock, ms: 1_000 };
  const chain = createStoreChain({
    stores: [first, second],
    awaited: new Set(['first']),
    deadline,
    maxPendingBytes: 10_000,
    startWithoutStores: 'allow',
  });
  const deps = { chain, deadline, leases: createLeaseKeeper({ chain, clock, holder: 'test' }) };
  return { first, second, deps };
}

const live = headAt(1, 3);
const whole = (values = { creds: 'c' }) => replacementOf(ID, live, values);
const forgotten = (): Replacement => ({ ...tombstoneOf(ID, live), complete: false });
const headIn = (store: FaultyStore) => store.disk.copies.get(ID)?.head;

it('law 8: writes nothing of a session into a store that was told to forget it, and tells it that the session is gone', async () => {
  const { first, second, deps } = createScene();
  await first.replaceSession(forgotten());
  await second.replaceSession(whole());
  const before = first.calls.length;
  expect(await deleteEverywhere(deps, ID)).toEqual({ deletedFrom: ['second', 'first'], pendingIn: [] });
  expect(headIn(first)).toMatchObject({ deleted: true, complete: true, revision: 4 });
  const written = first.calls.slice(before).filter(({ operation }) => operation === 'replaceSession');
  expect(written.map(({ argument }) => (argument as Replacement).deleted)).toEqual([true]);
});

it('law 8: an older backup that comes back after that is deleted as well', async () => {
  const { first, second, deps } = createScene();
  await first.replaceSession(forgotten());
  await second.replaceSession(whole());
  await deleteEverywhere(deps, ID);
  second.wipe();
  await second.replaceSession(replacementOf(ID, headAt(1, 2), { creds: 'old' }));
  await spreadDeletion(deps, ID);
  expect(headIn(second)).toMatchObject({ deleted: true });
});

it('law 8: deletes while the first store is away, which is told when it is back', async () => {
  const { first, second, deps } = createScene();
  await first.replaceSession(whole());
  await second.replaceSession(whole());
  first.goDown();
  expect(await deleteEverywhere(deps, ID)).toEqual({ deletedFrom: ['second'], pendingIn: ['first'] });
  first.comeUp();
  await spreadDeletion(deps, ID);
  expect(headIn(first)).toMatchObject({ deleted: true, complete: true });
});

it('law 5: deletes nothing where the only store that may have the session is away', async () => {
  const { first, second, deps } = createScene();
  await first.replaceSession(whole());
  first.goDown();
  await expect(deleteEverywhere(deps, ID)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(headIn(second)).toBeUndefined();
});

it('law 8: a store that had more of a session when it was told to forget it deletes the session nowhere else', async () => {
  const { first, second, deps } = createScene();
  await second.replaceSession(whole());
  await first.replaceSession({ ...forgotten(), head: headAt(1, 9) });
  expect(await spreadDeletion(deps, ID)).toBe(false);
  expect(await valuesOf(second, ID)).toEqual({ creds: 'c' });
  const { epoch } = await deps.chain.leases.acquireLease({ sessionId: ID, holder: 'test', above: 0 });
  const { head } = await deps.chain.openSession({
    ...{ sessionId: ID, epoch, excluded: ['first'] },
    onFenced: () => {},
  });
  await deps.chain.applyChange(changeOf(ID, head, headAt(epoch, head.revision + 1), { more: 'm' }));
  expect(await valuesOf(second, ID)).toEqual({ creds: 'c', more: 'm' });
});

it('law 8: the tombstones of a deletion stay what they are in stores that nobody waits for', async () => {
  const { first, second, deps } = createScene();
  await first.replaceSession(whole());
  await second.replaceSession(whole());
  await deleteEverywhere(deps, ID);
  expect([headIn(first)?.complete, headIn(second)?.complete]).toEqual([true, true]);
  // As an opening that is cut off right after it claimed the copies.
  const { epoch } = await deps.chain.leases.acquireLease({ sessionId: ID, holder: 'test', above: 0 });
  await deps.chain.openSession({ ...{ sessionId: ID, epoch, excluded: [] }, onFenced: () => {} });
  expect([headIn(first)?.complete, headIn(second)?.complete]).toEqual([true, true]);
});
