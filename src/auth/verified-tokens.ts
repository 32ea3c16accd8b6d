import type { JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';

type Verify = (token: string) => Promise<JWTPayload>;

/** As many tokens as fit; whose token is forgotten has it verified again. */
const REMEMBERED_BYTES = 1024 * 1024;

/**
 * The same verifier, which does the cryptography once a token: a client sends one token with all of its requests. For
 * keys that do not change while the server runs. What was good stays good until it expires, by the same tolerance.
 */
export function rememberVerified(verify: Verify, toleranceSeconds: number): Verify {
  const verified = new LRUCache<string, JWTPayload>({
    maxSize: REMEMBERED_BYTES,
    sizeCalculation: (_payload, token) => token.length,
  });
  return async token => {
    const known = verified.get(token);
    if (known?.exp !== undefined && known.exp > Date.now() / 1_000 - toleranceSeconds) return known;
    const payload = await verify(token);
    verified.set(token, payload);
    return payload;
  };
}
