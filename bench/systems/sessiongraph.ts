import { freshCreds, openAuthState } from '../../src/core/baileys/auth-state.ts';
import { systemClock } from '../../src/core/clock.ts';
import { copySession } from '../../src/core/copy-session.ts';
import { createKeyring } from '../../src/core/keyring.ts';
import { createLeaseKeeper } from '../../src/core/lease-keeper.ts';
import { createSessionVault } from '../../src/core/session-vault.ts';
import { createStoreChain } from '../../src/core/store-chain.ts';
import { openFileStore } from '../../src/plugins/store-file/index.ts';
import type { OpenedState } from '../bench-system.ts';
import { createCountingFileSystem } from '../counting-file-system.ts';

const SESSION = 'shop';
const SECRET = '5e'.repeat(32);

/** The file store as the server uses it: through the chain, the vault and the auth state, sealed and durable. */
export async function openSessiongraph(folder: string): Promise<OpenedState> {
  const disk = createCountingFileSystem();
  const store = await openFileStore({ name: 'file', directory: folder, fs: disk.fs });
  const deadline = { clock: systemClock, ms: 60_000 };
  const chain = createStoreChain({
    stores: [store],
    awaited: new Set(),
    deadline,
    maxPendingBytes: 8 * 1024 * 1024,
    startWithoutStores: 'allow',
  });
  const vault = createSessionVault({
    chain,
    keyring: await createKeyring([SECRET]),
    leases: createLeaseKeeper({ chain, holder: 'bench', clock: deadline.clock }),
    deadline,
    cacheBytes: 256 * 1024,
  });
  const onFailure = (error: Error) => {
    throw error;
  };
  const exists = (await store.readHead(SESSION)) !== undefined;
  const opened = exists
    ? await vault.open({ sessionId: SESSION, onFailure })
    : await vault.create({
        sessionId: SESSION,
        record: { createdAt: 0, desiredState: 'RUNNING', excludedStores: [] },
        entries: [{ type: 'creds', id: '', value: freshCreds() }],
        onFailure,
      });
  const { state, saveCreds } = await openAuthState(opened.entries);

  return {
    state,
    saveCreds,
    syncs: disk.syncs,
    async copyTo(target) {
      const other = await openFileStore({ name: 'copy', directory: target, fs: disk.fs });
      const fence = (await store.readHead(SESSION))?.fence ?? 0;
      await copySession({ sessionId: SESSION, from: store, to: other, fence, complete: true, deadline });
      await other.close();
    },
    async close() {
      await opened.close();
      await chain.close();
    },
  };
}
