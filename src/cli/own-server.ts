import { join } from 'node:path';
import { mintToken } from '../auth.ts';
import type { Config } from '../config.ts';
import { findLocalSecret } from '../local-secrets.ts';
import type { Scope } from '../schema/viewer.ts';
import { type Api, openApi } from './api.ts';
import type { Call } from './command.ts';

const LIVE_MS = 2_000;
const TOKEN_MS = 600_000;

/** As whom a command asks, where nobody gave it a token. */
export interface Asker {
  readonly subject: string;
  readonly scopes: readonly Scope[];
}

/** The API of the server that this configuration starts. Undefined where none answers there. */
export async function openOwnApi(config: Config, call: Call, asker: Asker): Promise<Api | undefined> {
  const url = call.text('url') ?? call.environment.SESSIONGRAPH_URL ?? urlOf(config);
  if (!(await isLive(url))) return undefined;
  const token = call.text('token') ?? call.environment.SESSIONGRAPH_TOKEN ?? (await mint(config, asker));
  const words: Readonly<Record<string, string | undefined>> = { url, token };
  return openApi({ ...call, text: name => words[name] });
}

/** A server that listens everywhere is found here. */
function urlOf({ host, port }: Config): string {
  const here = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${here.includes(':') ? `[${here}]` : here}:${port}/graphql`;
}

async function isLive(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(LIVE_MS);
    return (await (await fetch(new URL('/health/live', url), { signal })).text()) === 'live\n';
  } catch {
    return false;
  }
}

/** With the server's own secret, where it has one and we can read it. */
async function mint({ tokens, authDirectory }: Config, asker: Asker): Promise<string | undefined> {
  const { keys, ...origin } = tokens;
  const local = () =>
    findLocalSecret(join(authDirectory, '.sessiongraph'), 'token-secret').catch(() => undefined);
  const secret = keys === undefined ? await local() : 'secret' in keys ? keys.secret : undefined;
  return secret === undefined ? undefined : mintToken({ secret, ...asker, ttlMs: TOKEN_MS, ...origin });
}
