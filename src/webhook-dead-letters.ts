import type { DeadLetter, DeadLetters } from './core/dead-letters.ts';
import type { Webhooks } from './plugins/notify-webhook/index.ts';
import { sessionOfLane } from './webhook-events.ts';

export function createDeadLetters(webhooks: Pick<Webhooks, 'deadLetters' | 'revive'>): DeadLetters {
  function visible(isVisible: (sessionId: string) => boolean): DeadLetter[] {
    const all = webhooks.deadLetters().map(({ delivery, diedAt, why }) => {
      const sessionId = sessionOfLane(delivery.lane);
      return {
        id: String(delivery.number),
        eventId: delivery.id,
        type: delivery.type,
        ...(sessionId !== undefined && { sessionId }),
        endpoint: new URL(delivery.endpoint).origin,
        acceptedAt: new Date(delivery.acceptedAt),
        diedAt: new Date(diedAt),
        why,
      };
    });
    return all.filter(({ sessionId }) => sessionId === undefined || isVisible(sessionId));
  }

  return {
    read: ({ isVisible, first }) => visible(isVisible).slice(0, first),
    revive({ isVisible, ids }) {
      const wanted = ids && new Set(ids);
      return visible(isVisible)
        .map(({ id }) => id)
        .filter(id => (wanted?.has(id) ?? true) && webhooks.revive(Number(id)));
    },
  };
}
