import { createRemoteJWKSet, type JWTPayload, type JWTVerifyGetKey, jwtVerify, SignJWT } from 'jose';
import { SCOPES, type Scope, type Viewer } from './schema/viewer.ts';
import { createGlobMatcher } from './session-globs.ts';

const CLOCK_TOLERANCE_S = 5;
const JWKS_TIMEOUT_MS = 5_000;
const JWKS_COOLDOWN_MS = 30_000;

/** How tokens are verified: by a secret shared with who mints them, or by keys that an issuer publishes. */
export type TokenKeys = { readonly secret: string } | { readonly jwksUrl: string };

export interface TokenOrigin {
  readonly issuer?: string;
  readonly audience?: string;
}

/** Takes what stands in `Authorization`. Rejects with AuthenticationError. */
export type Authenticate = (authorization: string | undefined) => Promise<Viewer>;

export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError';
  readonly code: 'TOKEN_MISSING' | 'TOKEN_REFUSED';

  /** One message for every bad token: which check it failed is nobody's business; the cause is for the log. */
  constructor(code: AuthenticationError['code'], options?: ErrorOptions) {
    super(code === 'TOKEN_MISSING' ? 'A bearer token is needed.' : 'The token is not valid.', options);
    this.code = code;
  }
}

export function createAuthenticator(keys: TokenKeys, origin: TokenOrigin = {}): Authenticate {
  const verify = createVerifier(keys, origin);
  return async authorization => {
    if (!authorization) throw new AuthenticationError('TOKEN_MISSING');
    try {
      return readViewer(await verify(readBearerToken(authorization)));
    } catch (cause) {
      throw new AuthenticationError('TOKEN_REFUSED', { cause });
    }
  };
}

export interface TokenRequest extends TokenOrigin {
  readonly secret: string;
  readonly subject: string;
  readonly scopes: readonly Scope[];
  /** Ids or globs; every session where left out. */
  readonly sessions?: readonly string[];
  readonly ttlMs: number;
}

export function mintToken({ secret, subject, scopes, sessions, ttlMs, issuer, audience }: TokenRequest) {
  const expiresAt = new Date(Date.now() + ttlMs);
  const token = new SignJWT({ scope: scopes.join(' '), ...(sessions && { sessions: [...sessions] }) })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime(expiresAt);
  if (issuer !== undefined) token.setIssuer(issuer);
  if (audience !== undefined) token.setAudience(audience);
  return token.sign(new TextEncoder().encode(secret));
}

/** The algorithms are fixed by the kind of key: a token that could choose would take a public key for a secret. */
function createVerifier(
  keys: TokenKeys,
  { issuer, audience }: TokenOrigin,
): (token: string) => Promise<JWTPayload> {
  const options = {
    requiredClaims: ['exp', 'sub'],
    clockTolerance: CLOCK_TOLERANCE_S,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  };
  if ('secret' in keys) {
    const secret = new TextEncoder().encode(keys.secret);
    return async token => (await jwtVerify(token, secret, { ...options, algorithms: ['HS256'] })).payload;
  }
  const published: JWTVerifyGetKey = createRemoteJWKSet(new URL(keys.jwksUrl), {
    timeoutDuration: JWKS_TIMEOUT_MS,
    cooldownDuration: JWKS_COOLDOWN_MS,
  });
  const algorithms = ['RS256', 'ES256', 'EdDSA'];
  return async token => (await jwtVerify(token, published, { ...options, algorithms })).payload;
}

function readBearerToken(authorization: string): string {
  const [scheme = '', token, ...rest] = authorization.trim().split(/ +/);
  if (scheme.toLowerCase() === 'bearer' && token !== undefined && rest.length === 0) return token;
  throw new Error('Authorization must be a Bearer token');
}

/** Claims of another form than documented refuse the token: to guess would be to open something. */
function readViewer({ sub, exp, scope = '', sessions }: JWTPayload): Viewer {
  if (!sub || exp === undefined) throw new Error('sub and exp must not be empty');
  if (typeof scope !== 'string') throw new Error('scope must be one string');
  const granted = new Set(scope.split(' '));
  return {
    subject: sub,
    scopes: new Set(SCOPES.filter(known => granted.has(known))),
    expiresAt: new Date(exp * 1000),
    canSee: sessions === undefined ? () => true : createGlobMatcher(readPatterns(sessions)),
  };
}

function readPatterns(sessions: unknown): readonly string[] {
  if (Array.isArray(sessions) && sessions.every(pattern => typeof pattern === 'string')) return sessions;
  throw new Error('sessions must be a list of strings');
}
