import type { StoreChain } from '../chain/store-chain.ts';
import { freshestCopy } from '../chain/store-survey.ts';
import type { Clock } from '../clock.ts';
import { SessionError } from '../errors.ts';
import type { OldSession, OldSource } from '../old-source.ts';
import type { SessionRecord } from './session-record.ts';
import type { SessionVault } from './session-vault.ts';

/** Brings in, once, what older programs left. */
export interface SessionImport {
  /** Ids of the sessions that the sources have; what cannot become one is reported. */
  list(): Promise<string[]>;
  /**
   * Undefined where no source has it, or the stores know the id already: a deleted session does not come back. Rejects
   * where a source before the one that has it cannot be asked or read (law 5), unless its store is excluded.
   */
  find(sessionId: string, excludedStores?: readonly string[]): Promise<FoundSession | undefined>;
  /** Makes it a session of ours, in one write. Undefined as above; SESSION_CORRUPT, STORE_UNAVAILABLE. */
  take(sessionId: string, excludedStores: readonly string[]): Promise<ImportedSession | undefined>;
  /** The same with what was found. */
  keep(
    sessionId: string,
    found: FoundSession,
    excludedStores: readonly string[],
  ): Promise<ImportedSession | undefined>;
  report(report: ImportReport): void;
}

export interface FoundSession extends OldSession {
  readonly source: string;
}

export interface ImportedSession {
  readonly sessionId: string;
  readonly source: string;
  readonly place: string;
  readonly completeness: OldSession['completeness'];
  /** How many entries of each type. */
  readonly counts: Readonly<Record<string, number>>;
  readonly leftOut: readonly string[];
}

/** For people, wherever such an import is told of. */
export const CREDENTIALS_ONLY =
  'Only the login was ever saved there and no signal keys: no new QR code is needed, but the first messages of each ' +
  'chat may come through only after a retry.';

export type ImportReport =
  | ({ readonly kind: 'imported' } & ImportedSession)
  | { readonly kind: 'refused'; readonly place: string; readonly why: string };

export interface SessionImportDeps {
  readonly sources: readonly OldSource[];
  readonly chain: StoreChain;
  readonly vault: SessionVault;
  readonly clock: Clock;
  readonly onReport: (report: ImportReport) => void;
}

export function createSessionImport(deps: SessionImportDeps): SessionImport {
  const { sources, chain, vault, clock, onReport } = deps;

  async function find(
    sessionId: string,
    excludedStores: readonly string[] = [],
  ): Promise<FoundSession | undefined> {
    if (freshestCopy(await chain.survey(sessionId))) return undefined;
    for (const source of sources) {
      const old = await source.load(sessionId).catch(error => {
        const isExcluded = source.store !== undefined && excludedStores.includes(source.store);
        if (isExcluded && error instanceof SessionError && error.code === 'STORE_UNAVAILABLE')
          return undefined;
        throw error;
      });
      if (old) return { ...old, source: source.name };
    }
    return undefined;
  }

  async function listOne(source: OldSource): Promise<readonly string[]> {
    try {
      const { sessionIds, unusable } = await source.list();
      for (const found of unusable) onReport({ kind: 'refused', ...found });
      return sessionIds;
    } catch (error) {
      onReport({ kind: 'refused', place: source.name, why: (error as Error).message });
      return [];
    }
  }

  async function keep(sessionId: string, found: FoundSession, excludedStores: readonly string[]) {
    const record: SessionRecord = { createdAt: clock.now(), desiredState: 'RUNNING', excludedStores };
    let failure: Error | undefined;
    const opened = await vault.create({
      sessionId,
      record,
      entries: found.entries,
      whereDeleted: 'refuse',
      onFailure(error) {
        failure = error;
      },
    });
    await opened.close();
    if (failure) throw failure;
    // Another server was faster; what it made is what counts.
    if (opened.record !== record) return undefined;
    const imported = describe(sessionId, found);
    onReport({ kind: 'imported', ...imported });
    return imported;
  }

  return {
    find,
    keep,
    report: onReport,
    async take(sessionId, excludedStores) {
      const found = await find(sessionId, excludedStores);
      return found && keep(sessionId, found, excludedStores);
    },

    list: async () => [...new Set((await Promise.all(sources.map(listOne))).flat())],
  };
}

export function describe(sessionId: string, found: FoundSession): ImportedSession {
  const { source, place, completeness, entries, leftOut } = found;
  const counts: Record<string, number> = {};
  for (const { type } of entries) counts[type] = (counts[type] ?? 0) + 1;
  return { sessionId, source, place, completeness, counts, leftOut };
}

/** For sources: what is there cannot be read, which never means that it is not there. */
export function unreadable(place: string, why: string, cause?: unknown): SessionError {
  return new SessionError(
    'SESSION_CORRUPT',
    `${place} ${why}; nothing was imported from it or put in its place`,
    {
      cause,
    },
  );
}

/** For sources: a server that does not answer is not one without sessions. `why` holds no secret. */
export function unaskable(name: string, why: string, cause?: unknown): SessionError {
  return new SessionError(
    'STORE_UNAVAILABLE',
    `${name} cannot be asked for sessions of an older system (${why}); nothing was put in their place, and the next start asks again`,
    { cause },
  );
}
