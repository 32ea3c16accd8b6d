import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';

const TIMEOUT_MS = 5_000;
/** An unknown key id fetches the keys anew, no more often than this: ids cost whoever makes them up nothing. */
const COOLDOWN_MS = 30_000;
/** How long keys are used without asking again: so long an issuer may be away, and a withdrawn key is accepted. */
const FRESH_MS = 600_000;
/** An issuer that did not answer is left alone for a moment, however many tokens come. */
const PAUSE_MS = 5_000;

/** The issuer's keys cannot be had: whether a token is good is not known. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

export interface PublishedKeysOptions {
  readonly url: string;
  /** Called for each fetch that failed. */
  readonly onFailure?: (error: KeysUnavailableError) => void;
}

/**
 * The keys that an issuer publishes: fetched when first needed, kept, and fetched again when a token names a key that
 * is not among them, which is how an issuer changes keys. Rejects with KeysUnavailableError where they cannot be had.
 */
export function createPublishedKeys({
  url,
  onFailure = () => undefined,
}: PublishedKeysOptions): JWTVerifyGetKey {
  let failedAt: number | undefined;
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: TIMEOUT_MS,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: FRESH_MS,
    [customFetch]: (href, init) => {
      if (failedAt !== undefined && Date.now() - failedAt < PAUSE_MS) throw new Paused();
      return fetch(href, init);
    },
  });
  return async (header, token) => {
    try {
      const key = await keys(header, token);
      failedAt = undefined;
      return key;
    } catch (cause) {
      if (isAboutToken(cause)) throw cause;
      const error = new KeysUnavailableError('the keys of the issuer cannot be had', { cause });
      if (!(cause instanceof Paused)) {
        failedAt = Date.now();
        onFailure(error);
      }
      throw error;
    }
  };
}

class Paused extends Error {}

/** The keys were there, and none of them is the token's. */
const isAboutToken = (error: unknown) =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;
