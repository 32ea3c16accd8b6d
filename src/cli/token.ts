import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { revokeToken, TOKEN_ID } from '../auth/revoked-tokens.ts';
import { mintToken, readTokenId } from '../auth.ts';
import { type Config, readConfig } from '../config.ts';
import { loadLocalSecret } from '../local-secrets.ts';
import { SCOPES, type Scope } from '../schema/viewer.ts';
import { badArguments, type Call, type Command, readWords } from './command.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const token: Command = {
  help: `sessiongraph token [--sub NAME] [--scope SCOPES] [--sessions IDS] [--ttl TIME] [--json]
sessiongraph token revoke ID|TOKEN [--json]

Mints a bearer token, with AUTH_JWT_SECRET, or with the secret that a development server made in WHATSAPP_AUTH_DIR.
"token revoke" takes one back before it expires, by its id (the claim jti, "tokenId" in --json) or as a whole: within
a second every server that reads the same AUTH_REVOKED_TOKENS refuses it, and ends the subscriptions it opened.

  --sub NAME        whose token it is (cli)
  --scope SCOPES    what it opens, separated by commas (sessions:read): ${SCOPES.join(' ')}
  --sessions IDS    which sessions it sees, ids or globs, separated by commas (all)
  --ttl TIME        how long it is valid, e.g. 90s 15m 12h 30d (1h)`,
  options: {
    sub: { type: 'string' },
    scope: { type: 'string' },
    sessions: { type: 'string' },
    ttl: { type: 'string' },
  },
  async run(call) {
    if (call.words[0] === 'revoke') return revoke(call);
    readWords(call, []);
    const ttlMs = readTtl(call.text('ttl') ?? '1h');
    const scopes = readScopes(call.text('scope') ?? 'sessions:read');
    const sessions = readSessions(call);
    const config = readConfig(call.environment);
    const secret = await readSecret(config);
    const subject = call.text('sub') ?? 'cli';
    const { issuer, audience } = config.tokens;
    const tokenId = randomUUID();
    const expiresAt = new Date(Date.now() + ttlMs).toISOString();
    const minted = await mintToken({
      secret,
      subject,
      scopes,
      ttlMs,
      tokenId,
      ...(sessions && { sessions }),
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience }),
    });
    call.print(minted, { token: minted, tokenId, subject, scopes, sessions: sessions ?? null, expiresAt });
  },
};

async function revoke(call: Call): Promise<void> {
  const [, named = ''] = readWords(call, ['revoke', 'ID']);
  const tokenId = readTokenId(named) ?? named;
  // A token without an id has three parts, and would be written into the list as it is.
  if (!TOKEN_ID.test(tokenId) || tokenId.split('.').length === 3) {
    throw badArguments('ID is the id of a token, or a token that has one');
  }
  const { tokens } = readConfig(call.environment);
  await revokeToken(tokens.revokedFile, tokenId);
  call.print(`revoked ${tokenId}`, { revoked: tokenId, file: tokens.revokedFile });
}

function readTtl(text: string): number {
  const [, count = '', unit = ''] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs === undefined) throw badArguments('--ttl is a number with s, m, h or d, e.g. 12h');
  return Number(count) * unitMs;
}

function readScopes(text: string): Scope[] {
  return text.split(/[\s,]+/).map(word => {
    const scope = SCOPES.find(known => known === word);
    if (!scope) throw badArguments(`--scope: there is no scope ${word}; there are ${SCOPES.join(', ')}`);
    return scope;
  });
}

function readSessions(call: Call): string[] | undefined {
  const patterns = call.text('sessions')?.split(',');
  if (patterns?.some(pattern => !/^[A-Za-z0-9._*-]{1,128}$/.test(pattern))) {
    throw badArguments('--sessions is a list of session ids, in which * stands for anything');
  }
  return patterns;
}

async function readSecret({ tokens, authDirectory }: Config): Promise<string> {
  if (!tokens.keys) return loadLocalSecret(join(authDirectory, '.sessiongraph'), 'token-secret');
  if ('secret' in tokens.keys) return tokens.keys.secret;
  throw new CommandFailure(EXIT.config, 'CONFIG', 'AUTH_JWKS_URL is set: tokens are minted by its issuer');
}
