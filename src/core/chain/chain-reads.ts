import { answerWithin, type Deadline } from '../deadline.ts';
import type { SessionStore } from '../store.ts';
import { requireFreshest, surveyStores } from './store-survey.ts';

/** What is read of the sessions of a chain: of an open one from its base, else from the freshest copy there is. */
export type ChainReads = Pick<SessionStore, 'listSessions' | 'readHead' | 'loadSession' | 'loadEntries'>;

export interface ChainReadsOptions {
  readonly stores: readonly SessionStore[];
  readonly deadline: Deadline;
  /** The base of a session that is open. */
  readonly baseOf: (sessionId: string) => SessionStore | undefined;
}

export function createChainReads({ stores, deadline, baseOf }: ChainReadsOptions): ChainReads {
  /** A store that is down is not empty. */
  async function sourceOf(sessionId: string): Promise<SessionStore | undefined> {
    const base = baseOf(sessionId);
    if (base) return base;
    return requireFreshest(await surveyStores(stores, sessionId, deadline))?.store;
  }

  return {
    async *listSessions() {
      const seen = new Set<string>();
      for (const store of stores) {
        for await (const ids of store.listSessions()) {
          yield ids.filter(sessionId => !seen.has(sessionId));
          for (const sessionId of ids) seen.add(sessionId);
        }
      }
    },
    readHead: async sessionId => (await sourceOf(sessionId))?.readHead(sessionId),
    loadSession: async sessionId => (await sourceOf(sessionId))?.loadSession(sessionId),
    async loadEntries(sessionId, names) {
      const source = await sourceOf(sessionId);
      if (!source) return new Map();
      return answerWithin(source.name, deadline, () => source.loadEntries(sessionId, names));
    },
  };
}
