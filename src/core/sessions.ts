import type {
  CopyView,
  IncomingMessage,
  QrCode,
  SessionList,
  SessionListRequest,
  SessionView,
  StatusChange,
  StoreView,
} from './session-views.ts';

/**
 * The use cases: what the GraphQL resolvers and the CLI call, one method each. The session manager implements it.
 *
 * Rejections are `SessionError`s with the public code. Ids are checked here (BAD_USER_INPUT), so that no caller
 * can forget it. The `watch…` methods return streams that yield the present state first, never grow without
 * bound, and free what they hold when `return()` is called; they throw their first rejection from `next()`.
 */
export interface Sessions {
  /** Idempotent: a session that exists is returned as it is. */
  createSession(input: { id: string; excludeStores?: readonly string[] }): Promise<SessionView>;
  startSession(input: { id: string; takeOver: boolean }): Promise<SessionView>;
  stopSession(id: string): Promise<SessionView>;
  /** Resolves when the message is durable and handed to WhatsApp. */
  sendText(input: SendTextInput): Promise<{ messageId: string }>;

  /** undefined where there is no such session. */
  readSession(id: string): Promise<SessionView | undefined>;
  listSessions(request: SessionListRequest): Promise<SessionList>;
  /** One per configured store, in chain order. */
  readCopies(id: string): Promise<readonly CopyView[]>;
  readStores(): Promise<readonly StoreView[]>;

  /** The valid code first, then each new one; completes when the session is linked. SESSION_NOT_FOUND. */
  watchQr(id: string): AsyncIterableIterator<QrCode>;
  /** Of one session (SESSION_NOT_FOUND), or of all visible ones. Newest wins per session. */
  watchStatus(target: WatchTarget): AsyncIterableIterator<StatusChange>;
  /** A subscriber that does not keep up is ended with RATE_LIMITED. */
  watchMessages(target: WatchTarget): AsyncIterableIterator<IncomingMessage>;
}

export type WatchTarget = { readonly id: string } | { readonly isVisible: (sessionId: string) => boolean };

export interface SendTextInput {
  readonly id: string;
  /** JID or E.164. */
  readonly to: string;
  readonly text: string;
  /** Idempotency key, and WhatsApp's message id. */
  readonly messageId?: string;
}
