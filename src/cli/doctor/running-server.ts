import type { Config } from '../../config.ts';
import type { SessionStatus, StoreView } from '../../core/sessions/session-views.ts';
import type { Api } from '../api.ts';
import type { Call } from '../command.ts';
import { toFailure } from '../exit-codes.ts';
import { openOwnApi } from '../own-server.ts';
import type { SessionFacts, StoreFacts } from './facts.ts';
import type { SessionLook } from './store-facts.ts';

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
  const api = await openOwnApi(config, call, { subject: 'doctor', scopes: ['sessions:read'] });
  if (!api) return undefined;
  const old = { waiting: [], refused: [] };
  try {
    return { ...(await askAll(config, api)), old };
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
