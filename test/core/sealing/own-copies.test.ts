import { beforeEach, describe, expect, it } from 'vitest';
import { createStoreChain } from '../../../src/core/chain/store-chain.ts';
import { createLeaseKeeper } from '../../../src/core/leases/lease-keeper.ts';
import { rewrapUnderLease, rotateKeys } from '../../../src/core/sealing/key-rotation.ts';
import { createKeyring, fingerprintOf } from '../../../src/core/sealing/keyring.ts';
import { DATA_KEY } from '../../../src/core/sealing/session-key.ts';
import { encodeRecord, RECORD } from '../../../src/core/vault/session-record.ts';
import { createSessionVault } from '../../../src/core/vault/session-vault.ts';
import { createFaultyStore } from '../../contract/faulty-store.ts';
import { createMemoryDisk } from '../../contract/memory-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const SECRETS = ['b'.repeat(64), 'a'.repeat(64)];
const RECORD_OF = { createdAt: 1, desiredState: 'RUNNING', excludedStores: [] as string[] } as const;
const onFailure = () => {};

/** Two servers with a disk each and one database; the session was made by `one`, and runs on `two` now. */
async function createScene() {
  const clock = createFakeClock();
  const deadline = { clock, ms: 1_000 };
  const database = createMemoryDisk();

  async function openServer(holder: string, secrets: readonly string[]) {
    const file = createFaultyStore('file', { clock });
    const shared = createFaultyStore('shared', { clock, disk: database, leaseLifetimeMs: 60_000 });
    const chain = createStoreChain({
      stores: [file, shared],
      awaited: new Set(['file', 'shared']),
      deadline,
      maxPendingBytes: 10_000,
      startWithoutStores: 'refuse',
    });
    const keyring = await createKeyring(secrets);
    const leases = createLeaseKeeper({ chain, holder, clock });
    const deps = { chain, keyring, deadline };
    const vault = createSessionVault({ ...deps, leases, cacheBytes: 1 });
    const rotate = () => rotateKeys(deps, { isVisible: () => true }, rewrapUnderLease(vault));
    return { file, shared, vault, keyring, rotate };
  }

  const before = await openServer('one', SECRETS.slice(1));
  const entries = [{ type: 'creds', id: '', value: Buffer.from('credentials') }];
  await (await before.vault.create({ sessionId: 'shop', record: RECORD_OF, entries, onFailure })).close();
  const one = await openServer('one', SECRETS);
  for (const [id, copy] of before.file.disk.copies) one.file.disk.copies.set(id, copy);
  const two = await openServer('two', SECRETS);
  const running = await two.vault.open({ sessionId: 'shop', onFailure });
  return { one, two, running };
}

describe('what a server has on its own disk of a session that runs elsewhere', () => {
  let scene: Awaited<ReturnType<typeof createScene>>;
  beforeEach(async () => {
    scene = await createScene();
  });
  const fingerprint = async () =>
    fingerprintOf((await scene.one.file.loadEntries('shop', [DATA_KEY])).get(DATA_KEY) ?? Buffer.of());

  it('waits until the session is under the newest secret there', async () => {
    const { one, running } = scene;
    const fence = (await one.file.readHead('shop'))?.fence ?? 0;
    expect(await one.rotate()).toMatchObject({ rewrapped: 0, left: [{ code: 'SESSION_HELD_ELSEWHERE' }] });
    expect(await fingerprint()).toBe(one.keyring.fingerprints[1]);
    await running.rewrapKey();
    expect(await one.rotate()).toMatchObject({ rewrapped: 1, left: [] });
    expect(await fingerprint()).toBe(one.keyring.fingerprints[0]);
    // Nobody who looks at it takes it for what this server wrote, or for all there is.
    const head = await one.file.readHead('shop');
    expect(head).toMatchObject({ fence, complete: false });
    expect(head?.epoch).toBeGreaterThan(fence);
    expect(await one.rotate()).toMatchObject({ rewrapped: 0, current: 1, left: [] });
  });

  it('law 8: goes where the session is kept out of that store by now', async () => {
    const { one, running } = scene;
    await running.rewrapKey();
    const record = { ...RECORD_OF, excludedStores: ['file'] };
    await running.entries.write([{ type: RECORD, id: '', value: encodeRecord(record) }]);
    expect(await one.rotate()).toMatchObject({ rewrapped: 1, left: [] });
    expect(await one.file.readHead('shop')).toMatchObject({ deleted: true, complete: false });
  });

  it('is left to its owner where it can not be written', async () => {
    const { one, running } = scene;
    await running.rewrapKey();
    one.file.failNext('replaceSession', 'STORE_UNREADABLE');
    expect(await one.rotate()).toMatchObject({ rewrapped: 0, left: [{ code: 'SESSION_HELD_ELSEWHERE' }] });
    expect(await one.rotate()).toMatchObject({ rewrapped: 1, left: [] });
  });
});
