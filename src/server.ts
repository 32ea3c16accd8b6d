import type { Logger } from 'pino';
import { loadPersistedDocuments } from './app/persisted-documents.ts';
import { createApp } from './app.ts';
import { openRevokedTokens } from './auth/revoked-tokens.ts';
import { createAuthenticator } from './auth.ts';
import { readBuildInfo } from './build-info.ts';
import type { Config } from './config.ts';
import { createClientVersion } from './core/baileys/client-version.ts';
import { systemClock } from './core/clock.ts';
import { waitToBeAlone } from './core/leases/other-servers.ts';
import { createSessionEvents } from './core/sessions/session-events.ts';
import { createSessionManager } from './core/sessions/session-manager.ts';
import { createSessionImport } from './core/vault/session-import.ts';
import { logImport } from './import/import-log.ts';
import { loadLocalSecret } from './local-secrets.ts';
import { silentLogger } from './logger.ts';
import { createMetrics } from './metrics/metrics.ts';
import { oldPlacesOf, oldSourcesOf } from './old-sources.ts';
import { openFleet } from './open-fleet.ts';
import { openTracing } from './open-tracing.ts';
import { openVault } from './open-vault.ts';
import { openConfiguredWebhooks } from './open-webhooks.ts';
import { logStatusChanges } from './session-log.ts';
import { createStartReport, type StartReport } from './start-report.ts';
import { createStoreLog } from './store-log.ts';
import { createStoreTurns } from './store-turns.ts';

/** Together with the longest pause between two tries: back within a minute of an endpoint's return. */
const SILENCE_MS = 15_000;
const KEEP_ALIVE_MS = 20_000;
/** Well below the ten seconds after which Prometheus gives a scrape up, so that one silent store hides nothing else. */
const SCRAPE_MS = 2_000;

export interface Server {
  /** `http://HOST:PORT/graphql` */
  readonly url: string;
  /** Signs tokens; undefined where an issuer elsewhere does. */
  readonly tokenSecret: string | undefined;
  /** Runs the sessions. Rejects where another server does that alone. */
  boot(): Promise<void>;
  /** How it stands now. Asks every store. */
  report(): Promise<StartReport>;
  /** Takes nothing new, lets the stores catch up, gives the leases back. Also while it boots. */
  stop(): Promise<void>;
}

/** From a checked configuration to a server that answers, and runs nothing yet. Rejects where a store cannot be opened. */
export async function startServer(config: Config, logger: Logger): Promise<Server> {
  const build = readBuildInfo();
  const metrics = createMetrics(build);
  const tracing = await openTracing(config, { build, logger });
  const turns = createStoreTurns();
  const storeLog = createStoreLog(logger, systemClock, turns.note);
  const opened = await openVault(config, call => {
    metrics.observeStoreCall(call);
    tracing?.observeStoreCall(call);
    storeLog(call);
  });
  const { chain, vault, keyring, leases, deadline, local } = opened;
  const webhooks = await openConfiguredWebhooks(config.webhooks, { ...opened, logger, metrics });
  const events = createSessionEvents();
  const fleet = await openFleet(config, { ...opened, events }, logger);
  if (fleet) metrics.readBusFrom(() => fleet.bus);
  const manager = createSessionManager({
    vault,
    chain,
    keyring,
    deadline,
    events: fleet?.events ?? events,
    leases,
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
      // A simulated WhatsApp has no newer version, and is no reason to ask the real one.
      ...(config.whatsAppUrl ? { url: config.whatsAppUrl } : { version: createClientVersion(systemClock) }),
    },
  });
  const sessions = fleet?.join(manager) ?? manager;
  const measure = () => manager.measure(SCRAPE_MS);
  metrics.measureBy(measure);
  const keys = config.tokens.keys ?? { secret: await loadLocalSecret(local, 'token-secret') };
  const revoked = await openRevokedTokens({
    path: config.tokens.revokedFile,
    onFailure: err => logger.error({ event: 'tokens.revoked.unreadable', err }, 'tokens.revoked.unreadable'),
  });
  const app = createApp({
    sessions,
    deadLetters: webhooks?.deadLetters,
    authenticate: createAuthenticator(keys, {
      ...config.tokens,
      revoked,
      onKeysFailure: err =>
        logger.warn({ event: 'tokens.issuer.unavailable', err }, 'tokens.issuer.unavailable'),
    }),
    config,
    limits: config.limits,
    documents: config.persistedDocuments && (await loadPersistedDocuments(config.persistedDocuments)),
    logger,
    metrics,
    trace: tracing?.traceOperation,
    checkStores: () =>
      chain.probe().then(
        () => true,
        () => false,
      ),
  });
  logStatusChanges(manager, leases.holder, logger);
  webhooks?.follow(manager, turns);
  const { port } = await app.start();
  const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}/graphql`;
  return {
    url,
    async boot() {
      await waitToBeAlone({
        chain,
        holder: leases.holder,
        clock: systemClock,
        onWait: others => logger.warn({ event: 'server.waiting', others }, 'server.waiting'),
      });
      // Only now: a message that arrives before anybody can subscribe is seen by nobody.
      await manager.boot();
    },
    report: () =>
      createStartReport({ config, build, url, instance: leases.holder, stores: chain.stores, measure }),
    tokenSecret: 'secret' in keys ? keys.secret : undefined,
    async stop() {
      const halted = manager.shutdown();
      const closed = app.stop(halted);
      revoked.close();
      await halted;
      await closed;
      // Only now: a client that is told `complete` takes that for the end, and would not come back to another server.
      events.close();
      // The outbox lies in the directory whose lock the chain gives back.
      await webhooks?.close();
      await Promise.all([tracing?.close(), chain.close(), fleet?.bus.close()]);
    },
  };
}
