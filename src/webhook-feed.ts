import type { Clock } from './core/clock.ts';
import type { Sessions } from './core/sessions/sessions.ts';
import type { WebhookEvent } from './plugins/notify-webhook/index.ts';
import type { StoreTurns } from './store-turns.ts';
import {
  deletionEvent,
  eventsOf,
  type KnownState,
  messageEvent,
  stateAfter,
  stateBefore,
  storeEvent,
} from './webhook-events.ts';

export interface WebhookFeedOptions {
  readonly sessions: Pick<Sessions, 'watchStatus' | 'watchMessages' | 'watchDeletions'>;
  readonly turns: StoreTurns;
  /** Names of the events that are wanted. */
  readonly events: ReadonlySet<string>;
  /** Instance id of this server. */
  readonly self: string;
  readonly clock: Clock;
  /** Never throws, and is not waited for: a stream that is not read ends. */
  readonly publish: (event: WebhookEvent) => void;
  readonly onFailure: (error: unknown) => void;
}

const EVERY_SESSION = { isVisible: () => true };

/** From what the server shows its subscribers to what it tells the world. Resolves when the streams have ended. */
export async function feedWebhooks(options: WebhookFeedOptions): Promise<void> {
  const { sessions, turns, events, self, clock, publish, onFailure } = options;
  const known = new Map<string, KnownState>();

  function tell(event: WebhookEvent): void {
    if (events.has(event.type)) publish(event);
  }

  /** A stream that could not keep up ends with an error: another takes its place, and begins with how things are. */
  async function follow<T>(open: () => AsyncIterable<T>, take: (item: T) => void): Promise<void> {
    for (;;) {
      try {
        for await (const item of open()) take(item);
        return;
      } catch (error) {
        onFailure(error);
      }
    }
  }

  turns.listen(turn => tell(storeEvent(turn, new Date(clock.now()), self)));
  await Promise.all([
    follow(
      () => sessions.watchStatus(EVERY_SESSION),
      change => {
        const before = known.get(change.session.id) ?? stateBefore(change);
        known.set(change.session.id, stateAfter(change));
        if (before) for (const event of eventsOf(before, change, self)) tell(event);
      },
    ),
    follow(
      () => sessions.watchDeletions(EVERY_SESSION),
      id => {
        tell(deletionEvent(id, known.get(id), new Date(clock.now())));
        known.delete(id);
      },
    ),
    events.has('message.received') &&
      follow(
        () => sessions.watchMessages(EVERY_SESSION),
        message => {
          // Servers hear each other's messages: each tells of its own.
          const holder = known.get(message.sessionId)?.heldBy;
          if (holder === undefined || holder === self) tell(messageEvent(message));
        },
      ),
  ]);
}
