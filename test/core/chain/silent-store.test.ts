import { expect, it } from 'vitest';
import { rememberSilence } from '../../../src/core/chain/silent-store.ts';
import { ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import { createFaultyStore } from '../../contract/faulty-store.ts';
import { changeOf, codeOf, headAt } from '../../contract/sample-changes.ts';
import { createChainScene, DEADLINE_MS, SESSION } from '../../support/chain-scene.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const MS = 10_000;

function createScene() {
  const clock = createFakeClock();
  const inner = createFaultyStore('far', { clock });
  const store = rememberSilence(inner, { clock, ms: MS });
  const asked = () => inner.calls.filter(({ operation }) => operation === 'readHead').length;
  return { clock, inner, store, asked };
}

async function listOf(store: SessionStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of store.listSessions()) ids.push(...page);
  return ids;
}

it('waits for a silent store once; whoever asks after that is refused at once', async () => {
  const { clock, inner, store, asked } = createScene();
  inner.hangNext('readHead', 9);
  inner.hangNext('probe', 9);
  const first = codeOf(store.readHead('shop'));
  await clock.advance(MS);
  expect(await first).toBe('STORE_UNAVAILABLE');
  expect(await codeOf(store.readHead('shop'))).toBe('STORE_UNAVAILABLE');
  expect(await codeOf(listOf(store))).toBe('STORE_UNAVAILABLE');
  expect(asked()).toBe(1);
});

it('asks again as soon as a probe is answered', async () => {
  const { clock, inner, store } = createScene();
  inner.hangNext('readHead');
  inner.hangNext('probe');
  const first = codeOf(store.readHead('shop'));
  await clock.advance(MS);
  await first;
  await clock.advance(2 * MS);
  expect(await store.readHead('shop')).toBeUndefined();
  expect(await listOf(store)).toEqual([]);
  expect(clock.sleepers).toBe(0);
});

it('does not hold a quick refusal against it', async () => {
  const { inner, store } = createScene();
  inner.failNext('readHead', 'STORE_UNAVAILABLE');
  expect(await codeOf(store.readHead('shop'))).toBe('STORE_UNAVAILABLE');
  expect(await store.readHead('shop')).toBeUndefined();
});

it('stops probing when it is closed', async () => {
  const { clock, inner, store } = createScene();
  inner.hangNext('readHead');
  inner.goDown();
  const first = codeOf(store.readHead('shop'));
  await clock.advance(MS);
  await first;
  await store.close();
  await clock.advance(2 * MS);
  expect(clock.sleepers).toBe(0);
});

it('law 10: a silent store that nobody awaits costs one wait at the opening, delays no write, and heals', async () => {
  const scene = createChainScene({ awaited: ['first'] });
  const far = scene.store(1);
  for (const operation of ['readHead', 'applyChange', 'replaceSession', 'probe'] as const)
    far.hangNext(operation, operation === 'probe' ? 3 : 1);
  const opening = scene.openOwner();
  await scene.clock.advance(DEADLINE_MS);
  const owner = await opening;
  for (const a of ['1', '2', '3']) await owner.write({ a });
  await owner.chain.survey(SESSION);
  expect((await owner.chain.survey(SESSION)).map(({ kind }) => kind)).toEqual(['found', 'failed']);
  await scene.clock.advance(10 * DEADLINE_MS);
  await scene.expectConverged();
  owner.crash();
});

it('believes a store that answers a write, before any probe does', async () => {
  const { clock, inner, store } = createScene();
  inner.hangNext('readHead');
  inner.hangNext('probe', 9);
  const first = codeOf(store.readHead('shop'));
  await clock.advance(MS);
  await first;
  await store.applyChange(changeOf('shop', ORIGIN, headAt(1, 1), { creds: 'c' }));
  expect(await store.readHead('shop')).toMatchObject(headAt(1, 1));
});
