import type { StoreConfig } from '../../config/stores.ts';
import type { Config } from '../../config.ts';
import { readAccount } from '../../core/baileys/account.ts';
import { CREDS } from '../../core/baileys/auth-state.ts';
import { decodeCreds } from '../../core/baileys/codec.ts';
import { silenceConsole } from '../../core/baileys/libsignal-console.ts';
import { systemClock } from '../../core/clock.ts';
import { answerWithin, asStoreError } from '../../core/deadline.ts';
import { createSessionImport, type ImportReport } from '../../core/vault/session-import.ts';
import { oldPlacesOf, oldSourcesOf } from '../../old-sources.ts';
import { openStores } from '../../open-stores.ts';
import { type OpenedVault, openVault } from '../../open-vault.ts';
import type { DirectoryFacts, OldFacts, SessionFacts, StoreFacts } from './facts.ts';

/** What could be seen of the sessions, and why not where they could not. */
export interface SessionLook {
  readonly sessions: readonly SessionFacts[] | undefined;
  readonly sessionsUnknownBecause: string | undefined;
  readonly old: Omit<OldFacts, 'elsewhere'>;
}

export interface TriedStores {
  readonly stores: readonly StoreFacts[];
  /** By the name of the file store: who has its directory open. */
  readonly holders: ReadonlyMap<string, string>;
  readonly reasonNotToLook: string | undefined;
}

const NO_OLD = { waiting: [], refused: [] };

/** Opens each store for itself, so that one that does not open hides no other. */
export async function tryStores(
  config: Config,
  directories: readonly DirectoryFacts[],
): Promise<TriedStores> {
  const holders = new Map<string, string>();
  const missing = directories.filter(({ state }) => state !== 'OK').map(({ store }) => store);
  const stores: StoreFacts[] = [];
  for (const store of config.stores) {
    const tried = missing.includes(store.name) ? undefined : await tryStore(store, config);
    if (tried?.code === 'SESSION_HELD_ELSEWHERE') holders.set(store.name, holderIn(tried.message));
    // What is wrong with a directory is said where directories are looked at.
    const error = store.kind === 'file' ? undefined : tried?.message;
    const awaited = config.awaitedStores.includes(store.name);
    stores.push({ store: store.name, kind: store.kind, awaited, error, oldestPendingMs: 0 });
  }
  const closed = [...missing, ...holders.keys()];
  const reasonNotToLook = closed.length > 0 ? `store ${closed.join(', ')} does not open` : undefined;
  return { stores, holders, reasonNotToLook };
}

async function tryStore(store: StoreConfig, { storeDeadlineMs, leaseLifetimeMs }: Config) {
  try {
    const [opened] = await openStores([store], { clock: systemClock, leaseLifetimeMs });
    const probed = answerWithin(store.name, { clock: systemClock, ms: storeDeadlineMs }, () =>
      opened.probe(),
    );
    await probed.finally(() => opened.close());
    return undefined;
  } catch (error) {
    return asStoreError(store.name, error);
  }
}

const holderIn = (message: string): string => message.split(' is in use by ')[1] ?? 'another process';

/** Without a server: straight from the stores, under the secrets of the environment. */
export async function lookIntoStores(config: Config, reasonNotTo: string | undefined): Promise<SessionLook> {
  if (reasonNotTo !== undefined) {
    return { sessions: undefined, sessionsUnknownBecause: reasonNotTo, old: NO_OLD };
  }
  silenceConsole();
  const opened = await openVault(config);
  try {
    const ids = new Set<string>();
    for (const store of opened.chain.stores) {
      try {
        for await (const page of store.listSessions()) for (const id of page) ids.add(id);
      } catch {
        // That it does not answer is told already.
      }
    }
    const sessions: SessionFacts[] = [];
    for (const id of [...ids].sort()) sessions.push(...(await lookAtSession(opened, id)));
    return { sessions, sessionsUnknownBecause: undefined, old: await lookForOld(config, opened) };
  } finally {
    await opened.chain.close();
  }
}

/** Nothing where the session was deleted. */
async function lookAtSession({ vault }: OpenedVault, id: string): Promise<SessionFacts[]> {
  const copies = await vault.inspect(id, []);
  const blank = {
    id,
    copies,
    linked: false,
    reason: undefined,
    status: 'STOPPED',
    wanted: 'STOPPED',
  } as const;
  try {
    const peeked = await vault.peek(id);
    if (!peeked) return [];
    const { excludedStores, loggedOutAt, desiredState } = peeked.record;
    const creds = (await peeked.read(CREDS, [''])).get('');
    return [
      {
        ...blank,
        status: loggedOutAt === undefined ? 'STOPPED' : 'LOGGED_OUT',
        linked: creds !== undefined && readAccount(decodeCreds(creds)) !== undefined,
        wanted: desiredState,
        copies: copies.filter(({ store }) => !excludedStores.includes(store)),
        error: undefined,
      },
    ];
  } catch (error) {
    const { message, code = 'INTERNAL' } = error as Error & { code?: string };
    return [{ ...blank, error: { code, message } }];
  }
}

/** As a start would, but taking nothing over. */
async function lookForOld(config: Config, { chain, vault }: OpenedVault): Promise<SessionLook['old']> {
  const waiting: string[] = [];
  const refused: { place: string; why: string }[] = [];
  const imports = createSessionImport({
    sources: oldSourcesOf(oldPlacesOf(config)),
    chain,
    vault,
    clock: systemClock,
    onReport(report: ImportReport) {
      if (report.kind === 'refused') refused.push({ place: report.place, why: report.why });
    },
  });
  for (const id of await imports.list()) {
    try {
      const found = await imports.find(id);
      if (found) waiting.push(`session ${id} in ${found.place}`);
    } catch (error) {
      refused.push({ place: `session ${id}`, why: (error as Error).message });
    }
  }
  return { waiting, refused };
}
