import { SessionError, type SessionErrorCode, StoreError, type StoreErrorCode } from '../errors.ts';
import type { PlainError } from './peer-messages.ts';

/** An error on its way to another server; undefined where it is none of ours and only the log may see it. */
export function toPlainError(error: unknown): PlainError | undefined {
  if (error instanceof SessionError) return { code: error.code, message: error.message };
  if (!(error instanceof StoreError)) return undefined;
  const { code, store, message } = error;
  return { code, store, message: message.slice(`store ${store}: `.length) };
}

/** The code of an error that had none; the message says no more than which server failed. */
export const UNNAMED = 'INTERNAL';

/** The same error again: its class, code and message. */
export function toError({ code, message, store }: PlainError): Error {
  if (code === UNNAMED) return new Error(message);
  return store === undefined
    ? new SessionError(code as SessionErrorCode, message)
    : new StoreError(code as StoreErrorCode, store, message);
}

export const isHeldElsewhere = (error: unknown): boolean =>
  (error instanceof SessionError || error instanceof StoreError) && error.code === 'SESSION_HELD_ELSEWHERE';
