// The auth state of one session, from what is built: writers are processes of their own, and Node runs no TypeScript.
import { useMultiFileAuthState } from '@whiskeysockets/baileys';
import { freshCreds, openAuthState } from '../../dist/core/baileys/auth-state.js';
import { createStoreChain } from '../../dist/core/chain/store-chain.js';
import { systemClock } from '../../dist/core/clock.js';
import { createLeaseKeeper } from '../../dist/core/leases/lease-keeper.js';
import { createKeyring } from '../../dist/core/sealing/keyring.js';
import { createSessionVault } from '../../dist/core/vault/session-vault.js';
import { openFileStore } from '../../dist/plugins/store-file/index.js';

const SESSION = 'shop';

/** Records come in groups of five, which are written as one change: they are there all or none. */
export const GROUPS = 7;
export const recordIds = number => ['a', 'b', 'c', 'd', 'e'].map(letter => `${number % GROUPS}${letter}`);
export const textOf = number => `${number}:`.padEnd(1_500, String(number % 10));

const deadline = { clock: systemClock, ms: 2_000 };

/** `file-store`: ours, through chain and vault, made where it is absent; `multi-file`: what Baileys ships. */
export async function openState(kind, folder) {
  if (kind === 'multi-file') return { ...(await useMultiFileAuthState(folder)), close: async () => {} };
  const store = await openFileStore({ name: 'file', directory: folder });
  const chain = createStoreChain({
    stores: [store],
    awaited: new Set(),
    deadline,
    maxPendingBytes: 1024 * 1024,
    startWithoutStores: 'allow',
  });
  const keyring = await createKeyring(['5e'.repeat(32)]);
  const vault = createSessionVault({
    chain,
    keyring,
    leases: createLeaseKeeper({ chain, holder: 'writer', clock: systemClock }),
    deadline,
    cacheBytes: 64 * 1024,
  });
  const opened = await openOrCreate(vault, await store.readHead(SESSION));
  const close = async () => {
    await opened.close();
    await chain.close();
  };
  return { ...(await openAuthState(opened.entries)), close };
}

function openOrCreate(vault, head) {
  const request = { sessionId: SESSION, onFailure: () => {} };
  if (head) return vault.open(request);
  const record = { createdAt: 0, desiredState: 'RUNNING', excludedStores: [] };
  const creds = { type: 'creds', id: '', value: freshCreds() };
  return vault.create({ ...request, record, entries: [creds] });
}
