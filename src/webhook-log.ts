import type { Logger } from 'pino';
import type { Clock } from './core/clock.ts';
import type { Delivery, Outcome } from './plugins/notify-webhook/index.ts';

const PAUSE_MS = 60_000;

/**
 * Names that stay. Of an endpoint the origin is shown: path and query may hold a token. `webhook.failing` comes once,
 * until the endpoint takes an event again.
 */
export function createWebhookLog(logger: Pick<Logger, 'info' | 'warn' | 'error'>, clock: Clock) {
  const failing = new Set<string>();
  let dropped = 0;
  let quietUntil = 0;

  return {
    outcome(outcome: Outcome): void {
      const { endpoint: url, id, type } = outcome.delivery;
      const endpoint = new URL(url).origin;
      if (outcome.kind === 'delivered') {
        if (failing.delete(url)) logger.info({ event: 'webhook.recovered', endpoint }, 'webhook.recovered');
      } else if (outcome.kind === 'unsubscribed') {
        logger.warn({ event: 'webhook.unsubscribed', endpoint }, 'webhook.unsubscribed');
      } else if (outcome.kind === 'dead') {
        logger.warn({ event: 'webhook.dead', endpoint, id, type, why: outcome.why }, 'webhook.dead');
      } else if (!failing.has(url)) {
        failing.add(url);
        logger.warn({ event: 'webhook.failing', endpoint, why: outcome.why }, 'webhook.failing');
      }
    },

    dropped({ endpoint: url }: Delivery): void {
      dropped += 1;
      if (clock.monotonicMs() < quietUntil) return;
      quietUntil = clock.monotonicMs() + PAUSE_MS;
      const endpoint = new URL(url).origin;
      logger.warn({ event: 'webhook.dropped', endpoint, dropped }, 'webhook.dropped');
    },

    unsaved(err: unknown): void {
      logger.error({ event: 'webhook.unsaved', err }, 'webhook.unsaved');
    },

    unreadable(lines: number): void {
      logger.warn({ event: 'webhook.outbox.unreadable', lines }, 'webhook.outbox.unreadable');
    },

    feedFailed(err: unknown): void {
      logger.error({ event: 'webhook.feed.failed', err }, 'webhook.feed.failed');
    },
  };
}
