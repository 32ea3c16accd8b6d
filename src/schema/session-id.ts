import { SessionError } from '../core/errors.ts';

const SESSION_ID = /^(?!\.)[A-Za-z0-9._-]{1,128}$/;

/** Returns the id, or throws BAD_USER_INPUT. The id itself is not repeated: it may be anything, of any length. */
export function requireSessionId(id: string): string {
  if (SESSION_ID.test(id)) return id;
  throw new SessionError(
    'BAD_USER_INPUT',
    'A session id is 1 to 128 of A-Z a-z 0-9 . _ -, not starting with a dot.',
  );
}
