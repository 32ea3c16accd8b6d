import { SessionError } from '../errors.ts';

const SESSION_ID = /^(?!\.)[A-Za-z0-9._-]{1,128}$/;

/** BAD_USER_INPUT where it is not 1–128 of `A–Z a–z 0–9 . _ -`, not starting with a dot. */
export function readSessionId(id: string): string {
  if (SESSION_ID.test(id)) return id;
  throw new SessionError(
    'BAD_USER_INPUT',
    'a session id is 1 to 128 of A-Z a-z 0-9 . _ -, and does not start with a dot',
  );
}
