import { setTimeout as pause } from 'node:timers/promises';
import { SessionError } from '../core/errors.ts';
import { unaskable } from '../core/vault/session-import.ts';

export const OLD_SERVER_MS = 5_000;

/** One call, one answer: STORE_UNAVAILABLE where the server fails or is silent for too long. Errors of ours pass. */
export async function askOldServer<T>(
  name: string,
  ask: () => Promise<T>,
  limitMs = OLD_SERVER_MS,
): Promise<T> {
  const answered = new AbortController();

  async function runOut(): Promise<never> {
    await pause(limitMs, undefined, { signal: answered.signal });
    throw unaskable(name, `no answer within ${limitMs} ms`);
  }

  const [answer, silence] = [ask(), runOut()];
  // Whichever comes second is heard by nobody.
  answer.catch(() => {});
  silence.catch(() => {});
  try {
    return await Promise.race([answer, silence]);
  } catch (cause) {
    throw cause instanceof SessionError ? cause : unaskable(name, describeFailure(cause), cause);
  } finally {
    answered.abort();
  }
}

/** The code of what went wrong, and no message: drivers put addresses and users into those. */
function describeFailure(failure: unknown): string {
  const { code, codeName, cause, name } = failure as NodeJS.ErrnoException & { codeName?: unknown };
  if (typeof codeName === 'string') return codeName;
  if (typeof code === 'string') return code;
  return cause instanceof Error ? describeFailure(cause) : name;
}
