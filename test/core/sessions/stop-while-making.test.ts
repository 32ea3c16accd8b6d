import { expect, it, onTestFinished } from 'vitest';
import { createStoreChain } from '../../../src/core/chain/store-chain.ts';
import { systemClock as clock } from '../../../src/core/clock.ts';
import { createDeferred } from '../../../src/core/deferred.ts';
import { createLeaseKeeper } from '../../../src/core/leases/lease-keeper.ts';
import type { OldSource } from '../../../src/core/old-source.ts';
import { createKeyring } from '../../../src/core/sealing/keyring.ts';
import { createSessionEvents } from '../../../src/core/sessions/session-events.ts';
import { createSessionManager } from '../../../src/core/sessions/session-manager.ts';
import { createSessionImport, type ImportReport } from '../../../src/core/vault/session-import.ts';
import { createSessionVault } from '../../../src/core/vault/session-vault.ts';
import { readCredentialsOnly } from '../../../src/import/credentials-only.ts';
import { silentLogger } from '../../../src/logger.ts';
import { createFaultyStore } from '../../contract/faulty-store.ts';
import { linkedCreds } from '../../import/old-writers.ts';
import { until } from '../../support/condition.ts';

/** A server's inside, and an old database that has the session `shop` and answers when it is let. */
async function createScene() {
  const store = createFaultyStore('store', { leaseLifetimeMs: 60_000 });
  const deadline = { clock, ms: 1_000 };
  const chain = createStoreChain({
    stores: [store],
    awaited: new Set(['store']),
    deadline,
    maxPendingBytes: 10_000,
    startWithoutStores: 'refuse',
  });
  const leases = createLeaseKeeper({ chain, holder: 'one', clock });
  const keyring = await createKeyring(['a'.repeat(64)]);
  const vault = createSessionVault({ chain, keyring, deadline, leases, cacheBytes: 1 });
  const { promise: isLet, resolve: letAnswer } = createDeferred();
  const old: OldSource = {
    name: 'old database',
    list: async () => ({ sessionIds: ['shop'], unusable: [] }),
    async load(id) {
      await isLet;
      return id === 'shop' ? readCredentialsOnly('old database/shop', linkedCreds()) : undefined;
    },
  };
  const reports: ImportReport[] = [];
  const onReport = (report: ImportReport) => void reports.push(report);
  const manager = createSessionManager({
    ...{ chain, vault, keyring, leases, deadline, clock },
    imports: createSessionImport({ sources: [old], chain, vault, clock, onReport }),
    events: createSessionEvents(),
    random: () => 0.02,
    logger: silentLogger,
    socket: { url: 'ws://127.0.0.1:9', silenceMs: 1_000 },
  });
  onTestFinished(() => chain.close());
  return { store, vault, manager, reports, letAnswer };
}

/** The old source answers when the stop has begun. */
async function stopWhileAskedFor(id: string) {
  const { store, manager, reports, letAnswer } = await createScene();
  const creating = manager.createSession({ id });
  await until('it was looked for', () => store.calls.length > 0);
  const stopped = manager.shutdown();
  letAnswer();
  await stopped;
  await expect(creating).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  expect(await store.readHead(id)).toBeUndefined();
  return reports;
}

it('law 5: a stop while an old source is asked makes no fresh credentials in its place', async () => {
  expect(await stopWhileAskedFor('shop')).toEqual([]);
});

it('law 5: a stop while an old source is asked makes no session where there is none', async () => {
  expect(await stopWhileAskedFor('new')).toEqual([]);
});

it('a stop in the middle of an import lets it end, and leaves no lease behind', async () => {
  const { store, manager, vault, reports, letAnswer } = await createScene();
  letAnswer();
  const release = store.hold('replaceSession');
  const booting = manager.boot();
  await until('it is being written', () =>
    store.calls.some(({ operation }) => operation === 'replaceSession'),
  );
  expect(await store.leases.readLease('shop')).toBeDefined();
  const stopped = manager.shutdown();
  release();
  await stopped;
  expect(await store.leases.readLease('shop')).toBeUndefined();
  await booting;
  expect(await store.leases.readLease('shop')).toBeUndefined();
  expect(reports).toMatchObject([{ kind: 'imported' }]);
  expect((await vault.peek('shop'))?.record.desiredState).toBe('RUNNING');
});
