import { join } from 'node:path';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import { createAuthenticator } from './auth.ts';
import type { Config } from './config.ts';
import { systemClock } from './core/clock.ts';
import { createKeyring } from './core/keyring.ts';
import { createSessionEvents } from './core/session-events.ts';
import { createSessionManager } from './core/session-manager.ts';
import { createSessionVault } from './core/session-vault.ts';
import { createStoreChain } from './core/store-chain.ts';
import { findLocalSecret, loadLocalSecret } from './local-secrets.ts';
import { silentLogger } from './logger.ts';
import { openStores } from './open-stores.ts';
import { logStatusChanges } from './session-log.ts';

const MAX_PENDING_BYTES = 8 * 1024 * 1024;
const CACHE_BYTES_PER_SESSION = 256 * 1024;
/** Together with the longest pause between two tries: back within a minute of an endpoint's return. */
const SILENCE_MS = 15_000;
const KEEP_ALIVE_MS = 20_000;

export interface Server {
  /** `http://HOST:PORT/graphql` */
  readonly url: string;
  /** Signs tokens; undefined where an issuer elsewhere does. */
  readonly tokenSecret: string | undefined;
  /** Takes nothing new, lets the stores catch up, gives the leases back. */
  stop(): Promise<void>;
}

/** From a checked configuration to a server that serves. Rejects where a store cannot be opened. */
export async function startServer(config: Config, logger: Logger): Promise<Server> {
  const stores = await openStores(config.stores, systemClock);
  const local = join(config.authDirectory, '.sessiongraph');
  const deadline = { clock: systemClock, ms: config.storeDeadlineMs };
  const awaited = new Set(config.awaitedStores);
  const chain = createStoreChain({
    stores,
    awaited,
    deadline,
    maxPendingBytes: MAX_PENDING_BYTES,
    startWithoutStores: config.startWithoutStores,
  });
  const holder = config.instanceId ?? (await loadLocalSecret(local, 'instance-id')).slice(0, 8);
  const keyring = await createKeyring(await readSecrets(config, local));
  const events = createSessionEvents();
  const sessions = createSessionManager({
    vault: createSessionVault({
      chain,
      keyring,
      holder,
      deadline,
      cacheBytes: CACHE_BYTES_PER_SESSION,
    }),
    chain,
    deadline,
    events,
    holder,
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
    socket: {
      silenceMs: SILENCE_MS,
      timers: { keepAliveIntervalMs: KEEP_ALIVE_MS },
      ...(config.whatsAppUrl && { url: config.whatsAppUrl }),
    },
  });
  const keys = config.tokens.keys ?? { secret: await loadLocalSecret(local, 'token-secret') };
  const app = createApp({
    sessions,
    authenticate: createAuthenticator(keys, config.tokens),
    config,
    logger,
    checkStores: () =>
      chain.probe().then(
        () => true,
        () => false,
      ),
  });
  logStatusChanges(sessions, logger);
  const { port } = await app.start();
  // Only now: a message that arrives before anybody can subscribe is seen by nobody.
  await sessions.boot();

  return {
    url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}/graphql`,
    tokenSecret: 'secret' in keys ? keys.secret : undefined,
    async stop() {
      const closed = app.stop();
      await sessions.shutdown();
      await Promise.all([closed, chain.close()]);
    },
  };
}

/** Newest first. What was once made in the data directory stays valid as the oldest: sessions may be sealed under it. */
async function readSecrets({ encryptionSecrets }: Config, local: string): Promise<string[]> {
  if (encryptionSecrets.length === 0) return [await loadLocalSecret(local, 'encryption-secret')];
  const made = await findLocalSecret(local, 'encryption-secret');
  return made === undefined ? [...encryptionSecrets] : [...encryptionSecrets, made];
}
