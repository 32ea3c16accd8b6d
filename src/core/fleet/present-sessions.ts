import type { SessionEvents } from '../sessions/session-events.ts';
import type { SessionView } from '../sessions/session-views.ts';
import { presentState } from '../sessions/session-watch.ts';
import type { HeardSessions } from './heard-sessions.ts';
import type { Peers } from './peers.ts';

const SESSIONS_A_MESSAGE = 100;

export interface PresentSessionsOptions {
  /** Of the subscribers of this server. */
  readonly events: SessionEvents;
  readonly peers: Peers;
  readonly heard: HeardSessions;
  /** The sessions that this server knows of, as it sees them. */
  readonly known: () => readonly SessionView[];
}

/**
 * Heals what the bus lost while it was away: whoever has it back says what it runs and asks the others. Of what they
 * answer, subscribers are told what is news to this server. Messages that were lost stay lost.
 */
export function keepPresent({ events, peers, heard, known }: PresentSessionsOptions): void {
  function presents(): readonly (readonly SessionView[])[] {
    const own = known().filter(({ heldBy }) => heldBy === peers.self);
    const count = Math.ceil(own.length / SESSIONS_A_MESSAGE);
    return Array.from({ length: count }, (_, i) =>
      own.slice(i * SESSIONS_A_MESSAGE, (i + 1) * SESSIONS_A_MESSAGE),
    );
  }

  function learn(view: SessionView): void {
    const before = heard.find(view.id);
    heard.note(view);
    if (before?.heldBy !== view.heldBy || before?.status !== view.status) {
      events.publishStatus(presentState(view));
    }
    if (view.qr && view.qr.data !== before?.qr?.data) events.publishQr(view.id, view.qr);
    if (view.linked) events.completeQr(view.id);
  }

  peers.listen('hello', (_, sender) => {
    for (const sessions of presents()) peers.tell(sender, { kind: 'present', sessions });
  });
  peers.listen('present', ({ sessions }) => {
    for (const view of sessions) learn(view);
  });
  function meet(): void {
    peers.tellAll({ kind: 'hello' });
    for (const sessions of presents()) peers.tellAll({ kind: 'present', sessions });
  }

  peers.onChange(isUp => {
    if (isUp) meet();
    // Nobody says any more how those sessions do; that another server has them is all that is known.
    else heard.forgetAll();
  });
  if (peers.isUp) meet();
}
