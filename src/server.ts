import type { Logger } from 'pino';
import { loadPersistedDocuments } from './app/persisted-documents.ts';
import { createApp } from './app.ts';
import { openRevokedTokens } from './auth/revoked-tokens.ts';
import { createAuthenticator } from './auth.ts';
import type { Config } from './config.ts';
import { systemClock } from './core/clock.ts';
import { createSessionEvents } from './core/session-events.ts';
import { createSessionImport } from './core/session-import.ts';
import { createSessionManager } from './core/session-manager.ts';
import { logImport } from './import/import-log.ts';
import { loadLocalSecret } from './local-secrets.ts';
import { silentLogger } from './logger.ts';
import { oldPlacesOf, oldSourcesOf } from './old-sources.ts';
import { openVault } from './open-vault.ts';
import { logStatusChanges } from './session-log.ts';

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
  const { chain, vault, deadline, holder, local } = await openVault(config);
  const events = createSessionEvents();
  const sessions = createSessionManager({
    vault,
    chain,
    deadline,
    events,
    holder,
    clock: systemClock,
    imports: createSessionImport({
      sources: oldSourcesOf(oldPlacesOf(config)),
      chain,
      vault,
      clock: systemClock,
      onReport: report => logImport(report, logger),
    }),
    random: Math.random,
    logger: silentLogger,
    socket: {
      silenceMs: SILENCE_MS,
      timers: { keepAliveIntervalMs: KEEP_ALIVE_MS },
      ...(config.whatsAppUrl && { url: config.whatsAppUrl }),
    },
  });
  const keys = config.tokens.keys ?? { secret: await loadLocalSecret(local, 'token-secret') };
  const revoked = await openRevokedTokens({
    path: config.tokens.revokedFile,
    onFailure: err => logger.error({ err }, 'tokens.revoked.unreadable'),
  });
  const app = createApp({
    sessions,
    authenticate: createAuthenticator(keys, {
      ...config.tokens,
      revoked,
      onKeysFailure: err => logger.warn({ err }, 'tokens.issuer.unavailable'),
    }),
    config,
    limits: config.limits,
    documents: config.persistedDocuments && (await loadPersistedDocuments(config.persistedDocuments)),
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
      revoked.close();
      await sessions.shutdown();
      await Promise.all([closed, chain.close()]);
    },
  };
}
