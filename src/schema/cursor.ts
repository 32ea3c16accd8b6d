import { SessionError } from '../core/errors.ts';
import { readSessionId } from '../core/sessions/session-id.ts';

/** Opaque to clients, so that what it holds may change: for now the id of the last entry seen. */
export const createCursor = (id: string) => Buffer.from(id).toString('base64url');

/** The id in a cursor, or BAD_USER_INPUT. Decoding skips what it does not know, so only what encodes back is ours. */
export function openCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (createCursor(id) === cursor) return id;
  throw foreign();
}

/** Returns the session id, or throws BAD_USER_INPUT. */
export function readCursor(cursor: string): string {
  try {
    return readSessionId(openCursor(cursor));
  } catch {
    throw foreign();
  }
}

const foreign = () => new SessionError('BAD_USER_INPUT', '`after` is not a cursor of this list.');
