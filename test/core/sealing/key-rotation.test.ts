import { expect, it } from 'vitest';
import { createStoreChain } from '../../../src/core/chain/store-chain.ts';
import { createLeaseKeeper } from '../../../src/core/leases/lease-keeper.ts';
import { rewrapUnderLease, rotateKeys } from '../../../src/core/sealing/key-rotation.ts';
import { reportKeys, surveyKeys } from '../../../src/core/sealing/key-survey.ts';
import { createKeyring } from '../../../src/core/sealing/keyring.ts';
import { DATA_KEY } from '../../../src/core/sealing/session-key.ts';
import { createSessionVault } from '../../../src/core/vault/session-vault.ts';
import { createFaultyStore } from '../../contract/faulty-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const [OLD, NEW] = ['a'.repeat(64), 'b'.repeat(64)];
const isVisible = () => true;
const onFailure = () => {};
const CREDS = { type: 'creds', id: '', value: Buffer.from('credentials') };

async function createScene() {
  const clock = createFakeClock();
  const deadline = { clock, ms: 1_000 };
  const first = createFaultyStore('first', { clock });
  const second = createFaultyStore('second', { clock });

  async function openServer(secrets: readonly string[], holder = 'test') {
    const chain = createStoreChain({
      stores: [first, second],
      awaited: new Set(['first']),
      deadline,
      maxPendingBytes: 10_000,
      startWithoutStores: 'allow',
    });
    const keyring = await createKeyring(secrets);
    const deps = { chain, keyring, deadline };
    const leases = createLeaseKeeper({ chain, holder, clock });
    const vault = createSessionVault({ ...deps, leases, cacheBytes: 1 });
    return {
      keyring,
      vault,
      rotate: () => rotateKeys(deps, { isVisible }, rewrapUnderLease(vault)),
      report: async () => reportKeys(await surveyKeys(deps), keyring.fingerprints, isVisible),
      create: (sessionId: string, excludedStores: readonly string[] = []) =>
        vault.create({
          sessionId,
          record: { createdAt: 1, desiredState: 'RUNNING', excludedStores },
          entries: [CREDS],
          onFailure,
        }),
    };
  }

  const before = await openServer([OLD]);
  for (const id of ['a', 'b', 'c']) await (await before.create(id)).close();
  const both = await openServer([NEW, OLD]);
  return { clock, first, second, openServer, before, both };
}

const countsOf = ({ keys }: Awaited<ReturnType<Awaited<ReturnType<typeof createScene>>['both']['report']>>) =>
  keys.map(({ copies }) => copies.map(({ store, count }) => `${store} ${count}`));

it('a report says how many copies are under each secret, in each store', async () => {
  const { before, both } = await createScene();
  const report = await both.report();
  expect(countsOf(report)).toEqual([[], ['first 3', 'second 3']]);
  expect(report.keys.map(({ fingerprint }) => fingerprint)).toEqual(both.keyring.fingerprints);
  expect(report.keys[1]?.fingerprint).toBe(before.keyring.fingerprints[0]);
  expect(report.keys[1]?.copies[0]?.sessionIds).toEqual(['a', 'b', 'c']);
});

it('puts each session under the newest secret by one change; then the new secret alone opens all', async () => {
  const { first, openServer, both } = await createScene();
  const { revision } = (await first.readHead('a')) ?? { revision: 0 };
  expect(await both.rotate()).toMatchObject({ rewrapped: 3, current: 0, left: [], remaining: 0 });
  expect((await first.readHead('a'))?.revision).toBe(revision + 1);
  expect(countsOf(await both.report())).toEqual([['first 3', 'second 3'], []]);
  expect(await both.rotate()).toMatchObject({ rewrapped: 0, current: 3, left: [] });
  expect((await first.readHead('a'))?.revision).toBe(revision + 1);
  const opened = await (await openServer([NEW])).vault.open({ sessionId: 'a', onFailure });
  expect((await opened.entries.read('creds', [''])).get('')).toEqual(CREDS.value);
});

it('goes on where it was when it could not come to the end', async () => {
  const { first, both } = await createScene();
  first.failNext('applyChange', 'STORE_CLOSED');
  const cut = await both.rotate();
  expect(cut).toMatchObject({ rewrapped: 2, left: [{ code: 'STORE_CLOSED' }] });
  expect(await both.rotate()).toMatchObject({ rewrapped: 1, current: 2, left: [] });
});

it('leaves what another server runs to it, naming both, and what no secret of ours opens', async () => {
  const { openServer, both } = await createScene();
  const other = await openServer([OLD], 'other');
  await other.vault.open({ sessionId: 'b', onFailure });
  await (await (await openServer(['c'.repeat(64)])).create('d')).close();
  const { rewrapped, left } = await both.rotate();
  expect(rewrapped).toBe(2);
  const codes = left.map(({ sessionId, code }) => [sessionId, code]).sort();
  expect(codes).toEqual([
    ['b', 'SESSION_HELD_ELSEWHERE'],
    ['d', 'DECRYPTION_FAILED'],
  ]);
  expect(left.find(({ sessionId }) => sessionId === 'b')?.message).toContain('other');
  expect((await both.report()).keys.at(-1)).toMatchObject({
    isConfigured: false,
    copies: [
      { store: 'first', sessionIds: ['d'] },
      { store: 'second', sessionIds: ['d'] },
    ],
  });
});

it('a store that is down is named; its copies count again when it is back, and follow', async () => {
  const { clock, second, both } = await createScene();
  second.goDown();
  const rotating = both.rotate();
  await clock.advance(10_000);
  const { rewrapped, left } = await rotating;
  expect(rewrapped).toBe(3);
  expect(left).toMatchObject([{ sessionId: undefined, message: expect.stringContaining('second') }]);
  expect((await both.report()).unreadable).toMatchObject([{ store: 'second' }]);
  second.comeUp();
  await clock.advance(60_000);
  expect(countsOf(await both.report())).toEqual([['first 3'], ['second 3']]);
  await both.rotate();
  expect(countsOf(await both.report())).toEqual([['first 3', 'second 3'], []]);
});

it('a copy that a session excludes is under a secret like any other', async () => {
  const { first, second, before, both } = await createScene();
  const made = await before.create('x', ['second']);
  const wrapped = (await first.loadEntries('x', [DATA_KEY])).get(DATA_KEY);
  await second.replaceSession({
    sessionId: 'x',
    fence: 1,
    head: { epoch: 1, revision: 1, digest: 'left behind' },
    complete: true,
    deleted: false,
    entries: [{ name: DATA_KEY, value: wrapped ?? new Uint8Array() }],
  });
  await made.close();
  expect(countsOf(await both.report())).toEqual([[], ['first 4', 'second 4']]);
});

it('an open session is rewrapped through its own queue; who begins anew does not bring the old secret back', async () => {
  const { openServer, both } = await createScene();
  const opened = await both.vault.open({ sessionId: 'a', onFailure });
  const [written, rewrapped] = [opened.entries.write([CREDS]), opened.rewrapKey()];
  expect([await written, await rewrapped, await opened.rewrapKey()]).toEqual([undefined, true, false]);
  await opened.beginAnew(opened.record, [CREDS]);
  await opened.close();
  const alone = await openServer([NEW]);
  expect((await alone.vault.peek('a'))?.record).toEqual(opened.record);
});
