import type { KeyReport, RotationProgress, RotationRequest } from '../sealing/key-views.ts';
import type {
  CopyView,
  HistoryView,
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
  /** Unlinks the device from the phone. SESSION_NOT_CONNECTED where there is no connection to say it on. */
  logoutSession(id: string): Promise<SessionView>;
  /** Starts the session where it rests. SESSION_ALREADY_LINKED, PAIRING_REFUSED. */
  requestPairingCode(input: { id: string; phoneNumber: string }): Promise<PairingCodeResult>;
  /** Resolves once the store, or all that lag, durably hold the newest revision. STORE_UNKNOWN, STORE_UNAVAILABLE. */
  syncSession(input: { id: string; store?: string }): Promise<SessionView>;
  /** Resolves when the copy of that store is the newest state. STORE_STALE where it is behind and nobody accepts that. */
  restoreSession(input: { id: string; from?: string; acceptStale: boolean }): Promise<RestoreResult>;
  /** From all stores, and unlinked from the phone; or from the named ones, which are excluded from then on. */
  deleteSession(input: { id: string; stores?: readonly string[] }): Promise<DeletionResult>;
  /** Resolves when the message is durable and WhatsApp has it. */
  sendText(input: SendTextInput): Promise<{ messageId: string }>;

  /** undefined where there is no such session. */
  readSession(id: string): Promise<SessionView | undefined>;
  listSessions(request: SessionListRequest): Promise<SessionList>;
  /** One per configured store, in chain order. */
  readCopies(id: string): Promise<readonly CopyView[]>;
  readStores(): Promise<readonly StoreView[]>;
  /** The secrets that sessions are under, by every copy in every store. */
  readKeys(isVisible: (sessionId: string) => boolean): Promise<KeyReport>;
  /** Puts sessions under the newest secret, until they are or a few seconds have passed. */
  rotateKeys(request: RotationRequest): Promise<RotationProgress>;
  /** Newest first. */
  readHistory(id: string, page: { first: number; after?: string }): Promise<HistoryView>;

  /** The valid code first, then each new one; completes when the session is linked. SESSION_NOT_FOUND. */
  watchQr(id: string): AsyncIterableIterator<QrCode>;
  /** Of one session (SESSION_NOT_FOUND), or of all visible ones. Newest wins per session. */
  watchStatus(target: WatchTarget): AsyncIterableIterator<StatusChange>;
  /** A subscriber that does not keep up is ended with RATE_LIMITED. */
  watchMessages(target: WatchTarget): AsyncIterableIterator<IncomingMessage>;
  /** Ids of sessions that are deleted. */
  watchDeletions(target: WatchTarget): AsyncIterableIterator<string>;
}

export interface PairingCodeResult {
  readonly code: string;
  readonly expiresAt: Date;
  readonly session: SessionView;
}

export interface RestoreResult {
  readonly restoredFrom: string;
  readonly session: SessionView;
}

export interface DeletionResult {
  readonly deletedFrom: readonly string[];
  /** Stores that could not be reached; they are told when they return. */
  readonly pendingIn: readonly string[];
  /** Whether WhatsApp confirmed the unlinking. */
  readonly unlinked: boolean;
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
