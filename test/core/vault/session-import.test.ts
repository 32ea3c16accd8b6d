import { expect, it } from 'vitest';
import { createStoreChain } from '../../../src/core/chain/store-chain.ts';
import { createLeaseKeeper } from '../../../src/core/leases/lease-keeper.ts';
import type { OldSource } from '../../../src/core/old-source.ts';
import { createKeyring } from '../../../src/core/sealing/keyring.ts';
import { createSessionImport } from '../../../src/core/vault/session-import.ts';
import { createSessionVault } from '../../../src/core/vault/session-vault.ts';
import { readCredentialsOnly } from '../../../src/import/credentials-only.ts';
import { createFaultyStore } from '../../contract/faulty-store.ts';
import { linkedCreds } from '../../import/old-writers.ts';
import { until } from '../../support/condition.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const OLD: OldSource = {
  name: 'old database',
  list: async () => ({ sessionIds: ['shop', 'bar'], unusable: [] }),
  load: async id => readCredentialsOnly(`old database/${id}`, linkedCreds()),
};

it('a stop in the middle of an import lets it end, leaves no lease behind and begins no other', async () => {
  const clock = createFakeClock();
  const deadline = { clock, ms: 1_000 };
  const store = createFaultyStore('first', { clock });
  const chain = createStoreChain({
    stores: [store],
    awaited: new Set(['first']),
    deadline,
    maxPendingBytes: 10_000,
    startWithoutStores: 'allow',
  });
  const leases = createLeaseKeeper({ chain, holder: 'test', clock });
  const keyring = await createKeyring(['a'.repeat(64)]);
  const vault = createSessionVault({ chain, keyring, deadline, leases, cacheBytes: 1 });
  const imports = createSessionImport({ sources: [OLD], chain, vault, clock, onReport: () => {} });

  const release = store.hold('replaceSession');
  const taken = imports.take('shop', []);
  await until('it is being written', () =>
    store.calls.some(({ operation }) => operation === 'replaceSession'),
  );
  expect(await store.leases.readLease('shop')).toBeDefined();
  const closed = imports.close();
  release();
  await closed;
  expect(await store.leases.readLease('shop')).toBeUndefined();
  expect(await taken).toMatchObject({ sessionId: 'shop' });
  expect(await imports.take('bar', [])).toBeUndefined();
});
