import { SessionError } from '../core/errors.ts';
import { readSessionId } from '../core/session-id.ts';

/** Opaque to clients, so that what it holds may change: for now the id of the last session seen. */
export const createCursor = (sessionId: string) => Buffer.from(sessionId).toString('base64url');

/** Returns the session id, or throws BAD_USER_INPUT. */
export function readCursor(cursor: string): string {
  const sessionId = Buffer.from(cursor, 'base64url').toString();
  try {
    // Decoding skips what it does not know; only a cursor that encodes back to itself is one of ours.
    if (createCursor(sessionId) === cursor) return readSessionId(sessionId);
  } catch {
    // Falls through: a cursor that holds no session id is as foreign as one that does not decode.
  }
  throw new SessionError('BAD_USER_INPUT', '`after` is not a cursor of this list.');
}
