import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createStoreChain } from '../core/chain/store-chain.ts';
import { systemClock } from '../core/clock.ts';
import { SessionError } from '../core/errors.ts';
import { createLeaseKeeper } from '../core/leases/lease-keeper.ts';
import { createKeyring } from '../core/sealing/keyring.ts';
import type { SessionStore } from '../core/store.ts';
import { createSessionImport, type ImportReport, type SessionImport } from '../core/vault/session-import.ts';
import { createSessionVault, type SessionVault } from '../core/vault/session-vault.ts';
import { createMultiFileSource } from '../import/multi-file-source.ts';
import { findLocalSecret, loadLocalSecret } from '../local-secrets.ts';
import { openFileStore } from '../plugins/store-file/index.ts';

const LEAST_SECRET_BYTES = 16;
const MAX_PENDING_BYTES = 8 * 1024 * 1024;
const CACHE_BYTES = 256 * 1024;

export interface VaultOptions {
  /** Directories, or stores that are open already, which stay open. What is changed goes to the first one first. */
  readonly stores: readonly [string | SessionStore, ...(string | SessionStore)[]];
  /**
   * Seals what is stored: 32 random bytes as hex or base64, or a passphrase; several, newest first, to change it.
   * Needed with more than one store. With one directory it is made, once, and kept there.
   */
  readonly secret?: string | readonly string[];
  /** What a write waits for: `all` stores, which is the default, or the `first` one. */
  readonly writeAck?: 'first' | 'all';
  /** How long a store may take before the session fails; 10 s. */
  readonly storeDeadlineMs?: number;
  readonly onImport?: (report: ImportReport) => void;
}

export interface LocalVault {
  readonly vault: SessionVault;
  readonly imports: SessionImport;
  close(): Promise<void>;
}

/** The stores of one bot, as a server has them: the directories can be given to one later, by the same secret. */
export async function openLocalVault(options: VaultOptions): Promise<LocalVault> {
  const { stores: given, writeAck = 'all', storeDeadlineMs = 10_000, onImport = () => {} } = options;
  const directories = given.filter(store => typeof store === 'string');
  // Before the directories are locked: what fails here leaves nothing open.
  const keyring = await createKeyring(await readSecrets(options, directories[0]));
  const stores = await openAll(given);
  const deadline = { clock: systemClock, ms: storeDeadlineMs };
  const names = stores.map(({ name }) => name);
  const chain = createStoreChain({
    stores,
    awaited: new Set(writeAck === 'all' ? names : names.slice(0, 1)),
    deadline,
    maxPendingBytes: MAX_PENDING_BYTES,
    startWithoutStores: 'allow',
  });
  const holder = `library-${randomBytes(4).toString('hex')}`;
  const leases = createLeaseKeeper({ chain, holder, clock: systemClock });
  const vault = createSessionVault({ chain, keyring, leases, deadline, cacheBytes: CACHE_BYTES });
  const sources = directories.slice(0, 1).map(createMultiFileSource);
  const imports = createSessionImport({ sources, chain, vault, clock: systemClock, onReport: onImport });
  return { vault, imports, close: chain.close };
}

async function openAll(given: VaultOptions['stores']) {
  const own: SessionStore[] = [];
  const closeOwn = async () => void (await Promise.all(own.map(store => store.close())));

  async function openOne(store: string | SessionStore, place: number): Promise<SessionStore> {
    if (typeof store !== 'string') return { ...store, close: async () => {} };
    // By the words that a server's STORES has for them.
    const opened = await openFileStore({ name: place === 0 ? 'file' : `file:${store}`, directory: store });
    own.push(opened);
    return opened;
  }

  try {
    const first = await openOne(given[0], 0);
    const others: SessionStore[] = [];
    for (const store of given.slice(1)) others.push(await openOne(store, others.length + 1));
    return [first, ...others] as const satisfies readonly SessionStore[];
  } catch (error) {
    await closeOwn();
    throw error;
  }
}

async function readSecrets(
  { secret, stores }: VaultOptions,
  directory: string | undefined,
): Promise<readonly string[]> {
  const given = typeof secret === 'string' ? [secret] : (secret ?? []);
  if (given.some(text => Buffer.byteLength(text) < LEAST_SECRET_BYTES)) {
    throw new SessionError('BAD_USER_INPUT', `a secret has at least ${LEAST_SECRET_BYTES} bytes`);
  }
  const local = directory === undefined ? undefined : join(directory, '.sessiongraph');
  if (given.length > 0) {
    const made = local === undefined ? undefined : await findLocalSecret(local, 'encryption-secret');
    return made === undefined ? given : [...given, made];
  }
  if (local !== undefined && stores.length === 1) return [await loadLocalSecret(local, 'encryption-secret')];
  throw new SessionError('BAD_USER_INPUT', 'a secret is needed, unless one directory is the only store');
}
