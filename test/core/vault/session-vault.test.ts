import { expect, it } from 'vitest';
import { freshCreds } from '../../../src/core/baileys/auth-state.ts';
import { decodeCreds, encodeBaileys } from '../../../src/core/baileys/codec.ts';
import { createStoreChain } from '../../../src/core/chain/store-chain.ts';
import { createLeaseKeeper } from '../../../src/core/leases/lease-keeper.ts';
import { createKeyring } from '../../../src/core/sealing/keyring.ts';
import { createSealer } from '../../../src/core/sealing/sealer.ts';
import { DATA_KEY, unlockSession } from '../../../src/core/sealing/session-key.ts';
import { createSessionVault } from '../../../src/core/vault/session-vault.ts';
import { createFaultyStore } from '../../contract/faulty-store.ts';
import { headAt, sealed, stateOf, tombstoneOf, valuesOf } from '../../contract/sample-changes.ts';
import { until } from '../../support/condition.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';

const DEADLINE_MS = 1_000;
const keyring = createKeyring(['a'.repeat(64)]);
const CREDS = { type: 'creds', id: '', value: Buffer.from('credentials') };
const record = { createdAt: 1, desiredState: 'RUNNING', excludedStores: [] } as const;

interface SceneOptions {
  readonly awaited?: readonly string[];
  readonly startWithoutStores?: 'allow' | 'refuse';
}

async function createScene({
  awaited = ['first', 'second'],
  startWithoutStores = 'allow',
}: SceneOptions = {}) {
  const clock = createFakeClock();
  const first = createFaultyStore('first', { clock });
  const second = createFaultyStore('second', { clock });
  const deadline = { clock, ms: DEADLINE_MS };

  async function openVault(secrets?: readonly string[]) {
    const chain = createStoreChain({
      stores: [first, second],
      awaited: new Set(awaited),
      deadline,
      maxPendingBytes: 10_000,
      startWithoutStores,
    });
    const ring = secrets ? await createKeyring(secrets) : await keyring;
    const leases = createLeaseKeeper({ chain, holder: 'test', clock: deadline.clock });
    const rest = { leases, cacheBytes: 1 };
    return createSessionVault({ chain, keyring: ring, deadline, ...rest });
  }

  const failures: Error[] = [];
  const request = { sessionId: 'shop', onFailure: (error: Error) => void failures.push(error) };
  const vault = await openVault();
  const create = (excludedStores: readonly string[] = [], entries = [CREDS]) =>
    vault.create({ ...request, record: { ...record, excludedStores }, entries });
  const readCreds = async (opened: Awaited<ReturnType<typeof create>>) =>
    Buffer.from((await opened.entries.read('creds', [''])).get('') ?? []).toString();
  return { clock, first, second, openVault, vault, request, create, readCreds, failures };
}

it('makes a session that no store has, and opens it again', async () => {
  const { vault, request, create, readCreds } = await createScene();
  const made = await create();
  expect([await readCreds(made), made.entries.head()]).toMatchObject([
    'credentials',
    { epoch: 1, revision: 1 },
  ]);
  await made.close();
  const again = await vault.open(request);
  expect([await readCreds(again), again.entries.head()]).toMatchObject(['credentials', { revision: 1 }]);
});

it('law 5: does not make one while a store cannot be asked, naming it, unless that store is excluded', async () => {
  const { second, create, readCreds } = await createScene();
  second.goDown();
  const refused = { code: 'STORE_UNAVAILABLE', message: expect.stringContaining('second') };
  await expect(create()).rejects.toMatchObject(refused);
  const made = await create(['second']);
  expect(await readCreds(made)).toBe('credentials');
  second.comeUp();
  await made.close();
  expect(await stateOf(second, 'shop')).toBeUndefined();
});

it('never makes a session over one that is there', async () => {
  const { vault, request, create, readCreds } = await createScene();
  await (await create()).close();
  const entries = [{ ...CREDS, value: Buffer.from('others') }];
  const made = await vault.create({ ...request, record, entries });
  expect(await readCreds(made)).toBe('credentials');
});

it('a tombstone counts as absent, and the new session goes on above it', async () => {
  const { first, second, vault, request, create } = await createScene();
  await (await create()).close();
  const { epoch, revision } = (await first.readHead('shop')) ?? { epoch: 0, revision: 0 };
  const tombstone = tombstoneOf('shop', { epoch: epoch + 5, revision: revision + 1, digest: 'deleted' });
  await second.replaceSession(tombstone);
  expect(await vault.peek('shop')).toBeUndefined();
  await expect(vault.open(request)).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
  const made = await create();
  expect(made.entries.head().revision).toBe(revision + 2);
  expect(made.entries.head().epoch).toBeGreaterThan(epoch + 5);
  expect(await valuesOf(first, 'shop')).toEqual(await valuesOf(second, 'shop'));
});

it('another secret opens nothing, changes nothing and keeps no lease', async () => {
  const { first, second, openVault, vault, request, create, readCreds } = await createScene();
  await (await create()).close();
  const before = await Promise.all([first, second].map(store => valuesOf(store, 'shop')));
  const stranger = await openVault(['b'.repeat(64)]);
  await expect(stranger.open(request)).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  await expect(stranger.peek('shop')).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  expect(await Promise.all([first, second].map(store => valuesOf(store, 'shop')))).toEqual(before);
  expect(await first.leases.readLease('shop')).toBeUndefined();
  expect(await readCreds(await vault.open(request))).toBe('credentials');
});

it('looking does not take the lease', async () => {
  const { first, vault, create } = await createScene();
  const made = await create();
  const lease = await first.leases.readLease('shop');
  const head = await first.readHead('shop');
  expect((await vault.peek('shop'))?.record).toEqual(record);
  expect([await first.leases.readLease('shop'), await first.readHead('shop')]).toEqual([lease, head]);
  await made.close();
});

it('a session that was given up writes nothing more, and does not come back when the store does', async () => {
  const { clock, first, second, create, failures } = await createScene();
  const made = await create(['second']);
  first.failNext('applyChange', 'STORE_UNAVAILABLE', 3);
  const lost = made.entries.write([{ ...CREDS, value: Buffer.from('too late') }]);
  lost.catch(() => {});
  await settled();
  made.entries.revoke(new Error('a key could not be read'));
  await made.abandon();
  const before = await stateOf(first, 'shop');
  await clock.advance(DEADLINE_MS * 2);
  await expect(lost).rejects.toThrow('a key could not be read');
  expect(failures).toHaveLength(1);
  expect([await stateOf(first, 'shop'), await stateOf(second, 'shop')]).toEqual([before, undefined]);
});

it.each(['acquireLease', 'loadEntries', 'applyChange'] as const)(
  'a store that hangs in %s fails the opening within the deadlines, and the next opening succeeds',
  async operation => {
    const { clock, first, vault, request, create, readCreds } = await createScene();
    await (await create()).close();
    first.hangNext(operation);
    let code = 'still opening';
    const opening = vault.open(request).catch(error => {
      code = error.code;
    });
    await clock.advance(DEADLINE_MS * 2);
    expect(code).toBe('STORE_UNAVAILABLE');
    await opening;
    expect(await readCreds(await vault.open(request))).toBe('credentials');
  },
);

it('a lease that cannot be given back holds nobody up', async () => {
  const { clock, first, create } = await createScene();
  const made = await create();
  first.hangNext('releaseLease');
  let isClosed = false;
  const closing = made.close().then(() => {
    isClosed = true;
  });
  await clock.advance(DEADLINE_MS * 2);
  expect(isClosed).toBe(true);
  await closing;
});

/** Its last owner died, and so did the only store that is known to have had everything. */
async function sceneOfUncertainCopy(startWithoutStores: 'allow' | 'refuse') {
  const scene = await createScene({ awaited: ['first'], startWithoutStores });
  const made = await scene.create([], [{ ...CREDS, value: Buffer.from(freshCreds()) }]);
  await until('the second store has it', async () => (await scene.second.readHead('shop'))?.revision === 1);
  await made.abandon();
  scene.first.wipe();
  const firstPreKey = async () => {
    const opened = await scene.vault.open(scene.request);
    const creds = (await opened.entries.read('creds', [''])).get('') ?? Buffer.of();
    await opened.close();
    return decodeCreds(creds).nextPreKeyId;
  };
  return { ...scene, firstPreKey };
}

it('law 2: a restore from a copy that may be behind makes it safe, as opening it does', async () => {
  const { vault, firstPreKey } = await sceneOfUncertainCopy('allow');
  const restored = await vault.restore({ sessionId: 'shop', from: 'second', acceptStale: false });
  expect(restored).toEqual({ restoredFrom: 'second', isStale: true });
  expect(await firstPreKey()).toBeGreaterThan(10_000);
});

it('law 10: where nothing starts without its stores, such a copy is opened after it was accepted, and is safe then', async () => {
  const { vault, request, firstPreKey } = await sceneOfUncertainCopy('refuse');
  await expect(vault.open(request)).rejects.toMatchObject({ code: 'STORE_STALE' });
  const restore = { sessionId: 'shop', from: undefined };
  await expect(vault.restore({ ...restore, acceptStale: false })).rejects.toMatchObject({
    code: 'STORE_STALE',
  });
  await vault.restore({ ...restore, acceptStale: true });
  expect(await firstPreKey()).toBeGreaterThan(10_000);
});

it('law 2: a copy that may be behind is made safe also where somebody makes the session that it turns out to be', async () => {
  const { create, firstPreKey } = await sceneOfUncertainCopy('allow');
  await (await create()).close();
  expect(await firstPreKey()).toBeGreaterThan(10_000);
});

it('law 2: an old copy that is accepted skips every pre-key id that the newest one knows', async () => {
  const { first, vault, request, create } = await createScene();
  const made = await create([], [credsWith(5)]);
  await made.entries.write([credsWith(70_000)]);
  await made.close();
  first.forget(1);
  await vault.restore({ sessionId: 'shop', from: 'first', acceptStale: true });
  const opened = await vault.open(request);
  const creds = (await opened.entries.read('creds', [''])).get('') ?? Buffer.of();
  expect(decodeCreds(creds).nextPreKeyId).toBeGreaterThan(70_000);
});

const credsWith = (nextPreKeyId: number) => ({
  ...CREDS,
  value: Buffer.from(encodeBaileys({ ...decodeCreds(freshCreds()), nextPreKeyId })),
});

it('what was deleted stays unreadable for whoever has its entries and every secret, but not its wrapped data key', async () => {
  const { first, second, create } = await createScene();
  const made = await create();
  const { epoch, revision } = made.entries.head();
  await made.close();
  const { values = {} } = (await stateOf(first, 'shop')) ?? {};
  const backup = new Map(Object.entries(values).map(([name, text]) => [name, sealed(text ?? '')]));
  for (const store of [first, second])
    await store.replaceSession(tombstoneOf('shop', headAt(epoch + 1, revision + 1)));
  expect(await first.loadEntries('shop', [DATA_KEY])).toEqual(new Map());

  const ring = await keyring;
  backup.delete(DATA_KEY);
  expect(backup.size).toBeGreaterThan(1);
  const unlock = () => unlockSession(ring, 'shop', backup);
  expect(unlock).toThrow(expect.objectContaining({ code: 'SESSION_CORRUPT' }));
  // Made again under the same id and the same secret, it has another data key, which opens nothing of before.
  await (await create()).close();
  const wrapped = (await first.loadEntries('shop', [DATA_KEY])).get(DATA_KEY) ?? Buffer.of();
  const sealer = createSealer('shop', ring.unwrap('shop', wrapped));
  for (const [name, blob] of backup) {
    const open = () => sealer.identify(name, blob);
    expect(open).toThrow(expect.objectContaining({ code: 'DECRYPTION_FAILED' }));
  }
});
