import { join } from 'node:path';
import type { Config } from './config.ts';
import { type ObserveCall, observeStore } from './core/chain/observed-store.ts';
import { createStoreChain, type StoreChain } from './core/chain/store-chain.ts';
import { type Clock, systemClock } from './core/clock.ts';
import type { Deadline } from './core/deadline.ts';
import { createLeaseKeeper, type LeaseKeeper } from './core/leases/lease-keeper.ts';
import { createKeyring, type Keyring } from './core/sealing/keyring.ts';
import type { SessionStore } from './core/store.ts';
import { createSessionVault, type SessionVault } from './core/vault/session-vault.ts';
import { findLocalSecret, loadLocalSecret } from './local-secrets.ts';
import { openStores } from './open-stores.ts';

const MAX_PENDING_BYTES = 8 * 1024 * 1024;
const CACHE_BYTES_PER_SESSION = 256 * 1024;

/** The stores of a configuration and what opens the sessions in them, for the server and for commands without one. */
export interface OpenedVault {
  readonly chain: StoreChain;
  readonly vault: SessionVault;
  readonly keyring: Keyring;
  readonly deadline: Deadline;
  readonly leases: LeaseKeeper;
  readonly clock: Clock;
  /** Where what this server made up for itself is kept. */
  readonly local: string;
}

/** Rejects where a store cannot be opened: SESSION_HELD_ELSEWHERE, naming the process, where one has it open. */
export async function openVault(config: Config, observe: ObserveCall = () => {}): Promise<OpenedVault> {
  const [first, ...others] = await openStores(config.stores, {
    clock: systemClock,
    leaseLifetimeMs: config.leaseLifetimeMs,
  });
  const observed = (store: SessionStore) => observeStore(store, systemClock, observe);
  const local = join(config.authDirectory, '.sessiongraph');
  const deadline = { clock: systemClock, ms: config.storeDeadlineMs };
  const chain = createStoreChain({
    stores: [observed(first), ...others.map(observed)],
    awaited: new Set(config.awaitedStores),
    deadline,
    maxPendingBytes: MAX_PENDING_BYTES,
    startWithoutStores: config.startWithoutStores,
  });
  try {
    const holder = config.instanceId ?? (await loadLocalSecret(local, 'instance-id')).slice(0, 8);
    const leases = createLeaseKeeper({ chain, holder, clock: systemClock });
    const keyring = await createKeyring(await readSecrets(config, local));
    const vault = createSessionVault({
      chain,
      keyring,
      leases,
      deadline,
      cacheBytes: CACHE_BYTES_PER_SESSION,
    });
    return { chain, vault, keyring, leases, clock: systemClock, deadline, local };
  } catch (error) {
    // The lock of a directory that stays open would keep the process alive.
    await chain.close();
    throw error;
  }
}

/** Newest first. What was once made in the data directory stays valid as the oldest: sessions may be sealed under it. */
async function readSecrets({ encryptionSecrets }: Config, local: string): Promise<string[]> {
  if (encryptionSecrets.length === 0) return [await loadLocalSecret(local, 'encryption-secret')];
  const made = await findLocalSecret(local, 'encryption-secret');
  return made === undefined ? [...encryptionSecrets] : [...encryptionSecrets, made];
}
