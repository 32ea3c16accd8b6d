import { freshCreds, openAuthState } from '../src/core/baileys/auth-state.ts';
import { createStoreChain } from '../src/core/chain/store-chain.ts';
import { systemClock } from '../src/core/clock.ts';
import type { Deadline } from '../src/core/deadline.ts';
import { createLeaseKeeper } from '../src/core/leases/lease-keeper.ts';
import { createKeyring } from '../src/core/sealing/keyring.ts';
import type { SessionStore } from '../src/core/store.ts';
import { createSessionVault } from '../src/core/vault/session-vault.ts';

const SECRET = '5e'.repeat(32);

export const BENCH_DEADLINE: Deadline = { clock: systemClock, ms: 60_000 };

/** One store as the server uses it: through the chain, the vault and the auth state, sealed and durable. */
export async function openSession(store: SessionStore, sessionId: string) {
  const chain = createStoreChain({
    stores: [store],
    awaited: new Set(),
    deadline: BENCH_DEADLINE,
    maxPendingBytes: 8 * 1024 * 1024,
    startWithoutStores: 'allow',
  });
  const vault = createSessionVault({
    chain,
    keyring: await createKeyring([SECRET]),
    leases: createLeaseKeeper({ chain, holder: 'bench', clock: systemClock }),
    deadline: BENCH_DEADLINE,
    cacheBytes: 256 * 1024,
  });
  const onFailure = (error: Error) => {
    throw error;
  };
  const exists = (await store.readHead(sessionId)) !== undefined;
  const opened = exists
    ? await vault.open({ sessionId, onFailure })
    : await vault.create({
        sessionId,
        record: { createdAt: 0, desiredState: 'RUNNING', excludedStores: [] },
        entries: [{ type: 'creds', id: '', value: freshCreds() }],
        onFailure,
      });
  const { state, saveCreds } = await openAuthState(opened.entries);
  return {
    state,
    saveCreds,
    async close() {
      await opened.close();
      await chain.close();
    },
  };
}
