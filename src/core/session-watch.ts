import { SessionError } from './errors.ts';
import type { Mailbox } from './mailbox.ts';
import type { SessionEvents } from './session-events.ts';
import { readSessionId } from './session-id.ts';
import type { SessionRunner } from './session-runner.ts';
import type { SessionView, StatusChange } from './session-views.ts';
import type { Sessions, WatchTarget } from './sessions.ts';

interface WatchDeps {
  readonly events: SessionEvents;
  readonly find: (id: string) => Promise<SessionRunner | undefined>;
  readonly known: () => SessionRunner[];
}

/** Streams that begin with what is true now. Nothing happens between that and the first event. */
export function createSessionWatch({
  events,
  find,
  known,
}: WatchDeps): Pick<Sessions, 'watchQr' | 'watchStatus' | 'watchMessages' | 'watchDeletions'> {
  /** Fails the stream where the session does not exist; else calls `begin` in the same tick as it subscribed. */
  function whenFound<T>(id: string, mailbox: Mailbox<T>, begin: (runner: SessionRunner) => void): void {
    const lookUp = async () => find(readSessionId(id));
    lookUp().then(
      runner =>
        runner
          ? begin(runner)
          : mailbox.fail(new SessionError('SESSION_NOT_FOUND', `there is no session ${id}`)),
      error => mailbox.fail(error as Error),
    );
  }

  return {
    watchQr(id) {
      const mailbox = events.subscribeQr(other => other === id);
      whenFound(id, mailbox, ({ state }) => {
        const { qr, linked } = state.view();
        if (linked) mailbox.complete();
        else if (qr) mailbox.push(qr);
      });
      return mailbox;
    },

    watchStatus(target) {
      const mailbox = events.subscribeStatus(wantedBy(target));
      if ('id' in target)
        whenFound(target.id, mailbox, ({ state }) => mailbox.push(presentState(state.view())));
      else {
        const visible = known().filter(({ state }) => target.isVisible(state.view().id));
        for (const { state } of visible) mailbox.push(presentState(state.view()));
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

function presentState(session: SessionView): StatusChange {
  const { status, statusReason, updatedAt } = session;
  return { session, status, at: updatedAt, ...(statusReason && { reason: statusReason }) };
}
