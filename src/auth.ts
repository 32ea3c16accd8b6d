import { randomUUID } from 'node:crypto';
import { decodeJwt, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import {
  createPublishedKeys,
  KeysUnavailableError,
  type PublishedKeysOptions,
} from './auth/published-keys.ts';
import type { RevokedTokens } from './auth/revoked-tokens.ts';
import { rememberVerified } from './auth/verified-tokens.ts';
import { SCOPES, type Scope, type Viewer } from './schema/viewer.ts';
import { createGlobMatcher } from './session-globs.ts';

const CLOCK_TOLERANCE_S = 5;
/** Public keys only: with HS256 among them, whoever reads the issuer's keys could sign with one. */
const PUBLISHED_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];

/** How tokens are verified: by a secret shared with who mints them, or by keys that an issuer publishes. */
export type TokenKeys = { readonly secret: string } | { readonly jwksUrl: string };

export interface TokenOrigin {
  readonly issuer?: string;
  readonly audience?: string;
}

/** Takes what stands in `Authorization`. Rejects with AuthenticationError. */
export type Authenticate = (authorization: string | undefined) => Promise<Viewer>;

/** One message for every bad token: which check it failed is nobody's business; the cause is for the log. */
const MESSAGES = {
  TOKEN_MISSING: 'A bearer token is needed.',
  TOKEN_REFUSED: 'The token is not valid.',
  KEYS_UNAVAILABLE: 'Tokens cannot be checked at the moment: their issuer does not answer.',
} as const;

export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError';
  readonly code: keyof typeof MESSAGES;

  constructor(code: AuthenticationError['code'], options?: ErrorOptions) {
    super(MESSAGES[code], options);
    this.code = code;
  }
}

export interface AuthenticatorOptions extends TokenOrigin {
  /** How long after it was issued a token is good at most, whatever its `exp` says; it must say when that was. */
  readonly maxAgeMs?: number | undefined;
  readonly revoked?: RevokedTokens;
  readonly onKeysFailure?: PublishedKeysOptions['onFailure'];
}

export function createAuthenticator(keys: TokenKeys, options: AuthenticatorOptions = {}): Authenticate {
  const verify = createVerifier(keys, options);
  const { revoked = NOTHING_REVOKED } = options;
  return async authorization => {
    if (!authorization) throw new AuthenticationError('TOKEN_MISSING');
    try {
      return readViewer(await verify(readBearerToken(authorization)), revoked);
    } catch (cause) {
      const isUnknown = cause instanceof KeysUnavailableError;
      throw new AuthenticationError(isUnknown ? 'KEYS_UNAVAILABLE' : 'TOKEN_REFUSED', { cause });
    }
  };
}

const NOTHING_REVOKED: RevokedTokens = { has: () => false, onRevoked: () => () => undefined };

export interface TokenRequest extends TokenOrigin {
  readonly secret: string;
  readonly subject: string;
  readonly scopes: readonly Scope[];
  /** Ids or globs; every session where left out. */
  readonly sessions?: readonly string[];
  readonly ttlMs: number;
  /** The name to revoke it by; made up where left out. */
  readonly tokenId?: string;
}

export function mintToken(request: TokenRequest): Promise<string> {
  const { secret, subject, scopes, sessions, ttlMs, issuer, audience, tokenId = randomUUID() } = request;
  const expiresAt = new Date(Date.now() + ttlMs);
  const token = new SignJWT({ scope: scopes.join(' '), ...(sessions && { sessions: [...sessions] }) })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(subject)
    .setJti(tokenId)
    .setIssuedAt()
    .setExpirationTime(expiresAt);
  if (issuer !== undefined) token.setIssuer(issuer);
  if (audience !== undefined) token.setAudience(audience);
  return token.sign(new TextEncoder().encode(secret));
}

/** The name that a token can be revoked by, unverified; undefined where it has none, or is no token. */
export function readTokenId(token: string): string | undefined {
  try {
    return decodeJwt(token).jti;
  } catch {
    return undefined;
  }
}

/** The algorithms are fixed by the kind of key: a token that could choose would take a public key for a secret. */
function createVerifier(
  keys: TokenKeys,
  { issuer, audience, maxAgeMs, onKeysFailure }: AuthenticatorOptions,
): (token: string) => Promise<JWTPayload> {
  const maxTokenAge = maxAgeMs === undefined ? undefined : maxAgeMs / 1_000;
  const options = {
    requiredClaims: ['exp', 'sub'],
    clockTolerance: CLOCK_TOLERANCE_S,
    ...(maxTokenAge !== undefined && { maxTokenAge }),
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  };
  /** What a token opened ends with its age, too. */
  function bounded(payload: JWTPayload): JWTPayload {
    if (maxTokenAge === undefined) return payload;
    const { exp = 0, iat = 0 } = payload;
    return { ...payload, exp: Math.min(exp, iat + maxTokenAge) };
  }

  if ('secret' in keys) {
    const secret = new TextEncoder().encode(keys.secret);
    const strict = { ...options, algorithms: ['HS256'] };
    return rememberVerified(
      async token => bounded((await jwtVerify(token, secret, strict)).payload),
      CLOCK_TOLERANCE_S,
    );
  }
  const published = createPublishedKeys({
    url: keys.jwksUrl,
    ...(onKeysFailure && { onFailure: onKeysFailure }),
  });
  const strict = { ...options, algorithms: PUBLISHED_ALGORITHMS };
  return async token => bounded((await jwtVerify(token, published, strict)).payload);
}

function readBearerToken(authorization: string): string {
  const [scheme = '', token, ...rest] = authorization.trim().split(/ +/);
  if (scheme.toLowerCase() === 'bearer' && token !== undefined && rest.length === 0) return token;
  throw new Error('Authorization must be a Bearer token');
}

/** Claims of another form than documented refuse the token: to guess would be to open something. */
function readViewer({ sub, exp, jti, scope = '', sessions }: JWTPayload, revoked: RevokedTokens): Viewer {
  if (!sub || exp === undefined) throw new Error('sub and exp must not be empty');
  if (jti !== undefined && typeof jti !== 'string') throw new Error('jti must be a string');
  if (jti !== undefined && revoked.has(jti)) throw new Error('the token is revoked');
  if (typeof scope !== 'string') throw new Error('scope must be one string');
  const granted = new Set(scope.split(' '));
  return {
    subject: sub,
    scopes: new Set(SCOPES.filter(known => granted.has(known))),
    expiresAt: new Date(exp * 1000),
    isRevoked: () => jti !== undefined && revoked.has(jti),
    onRevoked: callback => (jti === undefined ? () => undefined : revoked.onRevoked(jti, callback)),
    canSee: sessions === undefined ? () => true : createGlobMatcher(readPatterns(sessions)),
  };
}

function readPatterns(sessions: unknown): readonly string[] {
  if (Array.isArray(sessions) && sessions.every(pattern => typeof pattern === 'string')) return sessions;
  throw new Error('sessions must be a list of strings');
}
