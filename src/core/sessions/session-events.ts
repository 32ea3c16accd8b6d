import { SessionError } from '../errors.ts';
import { createMailbox, type Mailbox } from '../mailbox.ts';
import type { IncomingMessage, QrCode, StatusChange } from './session-views.ts';

const MAX_UNREAD_MESSAGES = 1_000;
const MAX_SESSIONS_WATCHED = 100_000;

/** What happens to sessions, for those who watch. Every subscriber has a mailbox of its own. */
export interface SessionEvents {
  publishStatus(change: StatusChange): void;
  publishMessage(message: IncomingMessage): void;
  publishQr(sessionId: string, qr: QrCode): void;
  /** The last that is heard of a session: everything about it completes. */
  publishDeletion(sessionId: string): void;
  /** The phone accepted the pairing, or there is nothing left to pair. */
  completeQr(sessionId: string): void;

  subscribeStatus(isWanted: (sessionId: string) => boolean): Mailbox<StatusChange>;
  subscribeMessages(isWanted: (sessionId: string) => boolean): Mailbox<IncomingMessage>;
  subscribeDeletions(isWanted: (sessionId: string) => boolean): Mailbox<string>;
  subscribeQr(isWanted: (sessionId: string) => boolean): Mailbox<QrCode>;
  /** Ends every stream: the server stops. */
  close(): void;
}

interface Subscriber<T> {
  readonly isWanted: (sessionId: string) => boolean;
  readonly mailbox: Mailbox<T>;
}

export function createSessionEvents(): SessionEvents {
  const status = new Set<Subscriber<StatusChange>>();
  const messages = new Set<Subscriber<IncomingMessage>>();
  const qr = new Set<Subscriber<QrCode>>();
  const deletions = new Set<Subscriber<string>>();

  return {
    publishStatus: change => publish(status, change.session.id, change),
    publishMessage: message => publish(messages, message.sessionId, message),
    publishQr: (sessionId, code) => publish(qr, sessionId, code),
    completeQr: sessionId => complete(qr, sessionId),

    publishDeletion(sessionId) {
      publish(deletions, sessionId, sessionId);
      complete(qr, sessionId);
    },

    // Newest wins per session: someone who reads slowly sees where things are, not how they came there.
    subscribeStatus: isWanted =>
      subscribe(status, isWanted, { keyOf: change => change.session.id, capacity: MAX_SESSIONS_WATCHED }),
    subscribeMessages: isWanted => subscribe(messages, isWanted, { capacity: MAX_UNREAD_MESSAGES }),
    subscribeDeletions: isWanted =>
      subscribe(deletions, isWanted, { keyOf: id => id, capacity: MAX_SESSIONS_WATCHED }),
    subscribeQr: isWanted => subscribe(qr, isWanted, { keyOf: () => 'newest', capacity: 1 }),

    close() {
      for (const { mailbox } of [...status, ...messages, ...qr, ...deletions]) mailbox.complete();
    },
  };
}

function complete<T>(subscribers: Set<Subscriber<T>>, sessionId: string): void {
  for (const { isWanted, mailbox } of [...subscribers]) if (isWanted(sessionId)) mailbox.complete();
}

function publish<T>(subscribers: Set<Subscriber<T>>, sessionId: string, item: T): void {
  for (const { isWanted, mailbox } of [...subscribers]) if (isWanted(sessionId)) mailbox.push(item);
}

function subscribe<T>(
  subscribers: Set<Subscriber<T>>,
  isWanted: (sessionId: string) => boolean,
  shape: { readonly keyOf?: (item: T) => string; readonly capacity: number },
): Mailbox<T> {
  const mailbox = createMailbox<T>({
    ...shape,
    onFull: () =>
      new SessionError('RATE_LIMITED', 'this subscriber does not read fast enough; subscribe again'),
    onEnd: () => subscribers.delete(subscriber),
  });
  const subscriber = { isWanted, mailbox };
  subscribers.add(subscriber);
  return mailbox;
}
