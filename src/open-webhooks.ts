import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { WebhookConfig } from './config/webhooks.ts';
import { type Clock, systemClock } from './core/clock.ts';
import type { DeadLetters } from './core/dead-letters.ts';
import type { Sessions } from './core/sessions/sessions.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { OpenedVault } from './open-vault.ts';
import type { StoreTurns } from './store-turns.ts';
import { createDeadLetters } from './webhook-dead-letters.ts';
import { feedWebhooks } from './webhook-feed.ts';
import { createWebhookLog } from './webhook-log.ts';

const OUTBOX = 'webhooks';

export interface OpenedWebhooks {
  readonly deadLetters: DeadLetters;
  /** From now until the sessions are shut down. */
  follow(
    sessions: Pick<Sessions, 'watchStatus' | 'watchMessages' | 'watchDeletions'>,
    turns: StoreTurns,
  ): void;
  /** Once the sessions are shut down. */
  close(): Promise<void>;
}

type Surroundings = Pick<OpenedVault, 'keyring' | 'leases' | 'local' | 'clock'> & {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'observeWebhook' | 'countWebhooksBy'>;
};

/** Undefined where nobody is to be called. Rejects where the outbox can't be read. */
export async function openConfiguredWebhooks(
  config: WebhookConfig | undefined,
  { keyring, leases, local, clock, logger, metrics }: Surroundings,
): Promise<OpenedWebhooks | undefined> {
  if (!config) return undefined;
  const { openWebhooks } = await import('./plugins/notify-webhook/index.ts');
  const log = createWebhookLog(logger, clock);
  const webhooks = await openWebhooks({
    ...config,
    directory: join(local, OUTBOX),
    keys: keyring.derive('webhook-outbox'),
    clock,
    random: Math.random,
    report(outcome) {
      log.outcome(outcome);
      metrics.observeWebhook(outcome.kind === 'unsubscribed' ? 'failed' : outcome.kind);
    },
    onDropped(delivery) {
      log.dropped(delivery);
      metrics.observeWebhook('dropped');
    },
    onUnsaved: log.unsaved,
  });
  if (webhooks.unreadable > 0) log.unreadable(webhooks.unreadable);
  metrics.countWebhooksBy(webhooks.counts);
  let fed: Promise<void> | undefined;
  return {
    deadLetters: createDeadLetters(webhooks),
    follow(sessions, turns) {
      fed = feedWebhooks({
        sessions,
        turns,
        events: new Set(config.events),
        self: leases.holder,
        clock,
        publish: event => void webhooks.publish(event).catch(log.unsaved),
        onFailure: log.feedFailed,
      });
    },
    async close() {
      await fed;
      await webhooks.close();
    },
  };
}

/** What an endpoint answered to an event that only asks whether it is there. */
export interface EndpointTrial {
  /** The origin: path and query may hold a token. */
  readonly endpoint: string;
  readonly delivered: boolean;
  readonly status?: number;
  readonly error?: string;
}

/** One call of each endpoint, now, past the outbox. */
export async function tryWebhooks(
  config: WebhookConfig,
  clock: Clock = systemClock,
): Promise<EndpointTrial[]> {
  const { createSender } = await import('./plugins/notify-webhook/index.ts');
  const send = createSender(config, clock);
  const body = JSON.stringify({ type: 'webhook.test', timestamp: new Date(clock.now()), data: {} });
  const id = `msg_${randomUUID()}`;
  const never = new AbortController().signal;
  return Promise.all(
    config.urls.map(async url => {
      const endpoint = new URL(url).origin;
      try {
        const status = await send({ endpoint: url, id, body }, never);
        return { endpoint, delivered: status >= 200 && status < 300, status };
      } catch (error) {
        return { endpoint, delivered: false, error: (error as Error).message };
      }
    }),
  );
}
