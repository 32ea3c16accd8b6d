import { join } from 'node:path';
import { mintToken } from '../../auth.ts';
import type { Config } from '../../config.ts';
import type { SessionStatus, StoreView } from '../../core/session-views.ts';
import { findLocalSecret } from '../../local-secrets.ts';
import { type Api, openApi } from '../api.ts';
import type { Call } from '../command.ts';
import { toFailure } from '../exit-codes.ts';
import type { SessionFacts, StoreFacts } from './facts.ts';
import type { SessionLook } from './store-facts.ts';

const LIVE_MS = 2_000;
const TOKEN_MS = 60_000;
const QUERY = `query ($after: String) {
  stores { name healthy error oldestPendingMs }
  sessions(first: 100, after: $after) {
    edges { node { id status linked desiredState statusReason { message } copies { store state error } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface Node extends Pick<SessionFacts, 'id' | 'linked'> {
  readonly status: SessionStatus;
  readonly desiredState: SessionFacts['wanted'];
  readonly statusReason: { readonly message: string } | null;
  readonly copies: readonly {
    readonly store: string;
    readonly state: SessionFacts['copies'][number]['state'];
    readonly error: string | null;
  }[];
}

interface Page {
  readonly stores: readonly (Pick<StoreView, 'name' | 'healthy' | 'oldestPendingMs'> & {
    error: string | null;
  })[];
  readonly sessions: {
    readonly edges: readonly { readonly node: Node }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

export interface ServerLook extends SessionLook {
  /** Empty where the server does not let us ask. */
  readonly stores: readonly StoreFacts[];
}

/** Asks the server that this configuration starts, by its API. Undefined where none answers there. */
export async function lookThroughServer(config: Config, call: Call): Promise<ServerLook | undefined> {
  const url = call.text('url') ?? call.environment.SESSIONGRAPH_URL ?? urlOf(config);
  if (!(await isLive(url))) return undefined;
  const token = call.text('token') ?? call.environment.SESSIONGRAPH_TOKEN ?? (await mint(config));
  const words: Readonly<Record<string, string | undefined>> = { url, token };
  const old = { waiting: [], refused: [] };
  try {
    return { ...(await askAll(config, openApi({ ...call, text: name => words[name] }))), old };
  } catch (error) {
    const { message } = toFailure(error);
    return { stores: [], sessions: undefined, sessionsUnknownBecause: `the server says: ${message}`, old };
  }
}

async function askAll(config: Config, api: Api): Promise<Omit<ServerLook, 'old'>> {
  const sessions: SessionFacts[] = [];
  let page: Page;
  let after: string | null = null;
  do {
    page = await api.request<Page>(QUERY, { after });
    sessions.push(...page.sessions.edges.map(({ node }) => factsOf(node)));
    after = page.sessions.pageInfo.endCursor;
  } while (page.sessions.pageInfo.hasNextPage);
  const stores = page.stores.map(({ name, healthy, error, oldestPendingMs }, order) => ({
    store: name,
    kind: config.stores[order]?.kind ?? 'unknown',
    awaited: config.awaitedStores.includes(name),
    error: healthy ? undefined : (error ?? `store ${name} does not answer`),
    oldestPendingMs,
  }));
  return { stores, sessions, sessionsUnknownBecause: undefined };
}

const factsOf = ({ id, status, linked, desiredState, statusReason, copies }: Node): SessionFacts => ({
  id,
  status,
  linked,
  wanted: desiredState,
  reason: statusReason?.message,
  error: undefined,
  copies: copies.map(({ store, state, error }) => ({ store, state, ...(error !== null && { error }) })),
});

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
async function mint({ tokens, authDirectory }: Config): Promise<string | undefined> {
  const { keys, ...origin } = tokens;
  const local = () =>
    findLocalSecret(join(authDirectory, '.sessiongraph'), 'token-secret').catch(() => undefined);
  const secret = keys === undefined ? await local() : 'secret' in keys ? keys.secret : undefined;
  if (secret === undefined) return undefined;
  return mintToken({ secret, subject: 'doctor', scopes: ['sessions:read'], ttlMs: TOKEN_MS, ...origin });
}
