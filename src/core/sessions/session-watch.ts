import { SessionError } from '../errors.ts';
import type { Mailbox } from '../mailbox.ts';
import type { SessionEvents } from './session-events.ts';
import { readSessionId } from './session-id.ts';
import type { SessionView, StatusChange } from './session-views.ts';
import type { Sessions, WatchTarget } from './sessions.ts';

interface WatchDeps {
  readonly events: SessionEvents;
  readonly find: (id: string) => Promise<SessionView | undefined>;
  readonly known: () => readonly SessionView[];
}

/**
 * Streams that begin with what is true now. It is looked up after subscribing, and told only where no event was faster:
 * what was found out earlier than an event may be older than it.
 */
export function createSessionWatch({
  events,
  find,
  known,
}: WatchDeps): Pick<Sessions, 'watchQr' | 'watchStatus' | 'watchMessages' | 'watchDeletions'> {
  /** Fails the stream where the session does not exist. */
  function whenFound<T>(id: string, mailbox: Mailbox<T>, begin: (view: SessionView) => void): void {
    const lookUp = async () => find(readSessionId(id));
    lookUp().then(
      view => {
        if (!view) mailbox.fail(new SessionError('SESSION_NOT_FOUND', `there is no session ${id}`));
        else if (mailbox.isUntouched) begin(view);
      },
      error => mailbox.fail(error as Error),
    );
  }

  return {
    watchQr(id) {
      const mailbox = events.subscribeQr(other => other === id);
      whenFound(id, mailbox, ({ qr, linked }) => {
        if (linked) mailbox.complete();
        else if (qr) mailbox.push(qr);
      });
      return mailbox;
    },

    watchStatus(target) {
      const mailbox = events.subscribeStatus(wantedBy(target));
      if ('id' in target) whenFound(target.id, mailbox, view => mailbox.push(presentState(view)));
      else {
        const visible = known().filter(({ id }) => target.isVisible(id));
        for (const view of visible) mailbox.push(presentState(view));
      }
      return mailbox;
    },

    watchMessages(target) {
      const mailbox = events.subscribeMessages(wantedBy(target));
      if ('id' in target) whenFound(target.id, mailbox, () => {});
      return mailbox;
    },

    watchDeletions(target) {
      const mailbox = events.subscribeDeletions(wantedBy(target));
      if ('id' in target) whenFound(target.id, mailbox, () => {});
      return mailbox;
    },
  };
}

function wantedBy(target: WatchTarget): (sessionId: string) => boolean {
  return 'id' in target ? sessionId => sessionId === target.id : target.isVisible;
}

/** How a session stands, for somebody who begins to watch it. */
export function presentState(session: SessionView): StatusChange {
  const { status, statusReason, updatedAt } = session;
  return { session, status, at: updatedAt, ...(statusReason && { reason: statusReason }) };
}
