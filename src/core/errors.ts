/** What a store can answer instead of a result. */
export type StoreErrorCode =
  /** It cannot be asked right now; the same call may succeed later. */
  | 'STORE_UNAVAILABLE'
  /** It was asked, and could not read or write the bytes (permissions, I/O error, full disk). */
  | 'STORE_UNREADABLE'
  /** The bytes are there and damaged. */
  | 'SESSION_CORRUPT'
  /** A newer writer owns the session. */
  | 'STORE_FENCED'
  /** The copy is behind what the change builds on. */
  | 'STORE_STALE'
  /** The copy holds another history. */
  | 'STORE_DIVERGED'
  | 'SESSION_HELD_ELSEWHERE'
  | 'STORE_CLOSED';

/** What the core answers to its callers; the names are those of `extensions.code` in the public API. */
export type SessionErrorCode =
  | 'BAD_USER_INPUT'
  | 'FORBIDDEN'
  | 'SESSION_NOT_FOUND'
  | 'SESSION_NOT_CONNECTED'
  | 'SESSION_HELD_ELSEWHERE'
  | 'SESSION_ALREADY_LINKED'
  | 'SESSION_CORRUPT'
  | 'STORE_UNKNOWN'
  | 'STORE_UNAVAILABLE'
  | 'STORE_STALE'
  | 'STORE_FENCED'
  | 'STORE_DIVERGED'
  | 'DECRYPTION_FAILED'
  | 'PAIRING_REFUSED'
  | 'MESSAGE_REFUSED'
  | 'RATE_LIMITED';

/** Thrown by stores. The message names the store and the session, never a value. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  readonly store: string;

  constructor(code: StoreErrorCode, store: string, message: string, options?: ErrorOptions) {
    super(`store ${store}: ${message}`, options);
    this.code = code;
    this.store = store;
  }
}

/** Thrown by the core. The message is written for the person who called, and holds no secret. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly code: SessionErrorCode;

  constructor(code: SessionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
