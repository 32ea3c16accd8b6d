import { StoreError } from '../../core/errors.ts';
import { pagedEntries } from '../../core/paged-entries.ts';
import type { Entry, LoadedSession } from '../../core/store.ts';
import { generationRange, nameRange } from './document-ids.ts';
import { DamagedDocument, type Documents, type RawDocument } from './documents.ts';
import { bytesOf, readVersion, type Version } from './entry-values.ts';
import { findCheckpoint, type LogView, readLog } from './log-view.ts';
import { readCheckpoint } from './slots.ts';

const NAMES_AT_ONCE = 500;

export interface ReadingParts {
  readonly documents: Documents;
  readonly store: string;
  readonly sessionId: string;
  /** The one who folds here. */
  readonly writer: string;
  readonly checkOpen: () => void;
}

/** The entries that the tail changed, newest value each. */
function overlayOf({ tail, place }: LogView): Map<string, Version> {
  const overlay = new Map<string, Version>();
  for (const { slot, generation, entries } of tail)
    if (generation === place.generation)
      for (const { name, value } of entries) overlay.set(name, { name, slot, value });
  return overlay;
}

export async function loadNamed(
  parts: ReadingParts,
  view: LogView,
  names: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { documents, sessionId } = parts;
  const found = overlayOf(view);
  const { generation } = view.place;
  if (!view.place.head || view.place.head.deleted || names.length === 0) return new Map();
  for (let at = 0; at < names.length; at += NAMES_AT_ONCE) {
    const ranges = names.slice(at, at + NAMES_AT_ONCE).map(name => nameRange(sessionId, generation, name));
    for (const raw of await documents.find('sessiongraph_entries', ranges)) {
      const version = readVersion(raw);
      if (version.slot >= (found.get(version.name)?.slot ?? 0)) found.set(version.name, version);
    }
  }
  // What is missing may have been removed with its generation since the log was read: that is not absent.
  if (names.some(name => !found.has(name))) {
    const now = await readLog(documents, sessionId, view.checkpoint?.slot);
    if (now.place.generation !== generation) return loadNamed(parts, now, names);
  }
  const values = new Map<string, Uint8Array>();
  try {
    for (const name of new Set(names)) {
      const value = found.get(name)?.value;
      if (value) values.set(name, await bytesOf(documents, sessionId, value));
    }
  } catch (error) {
    // A large value may have been replaced since the log was read, and its chunks collected.
    const now = error instanceof DamagedDocument ? await readLog(documents, sessionId) : view;
    if (now.damage !== undefined || now.place.slot === view.place.slot) throw error;
    return loadNamed(parts, now, names);
  }
  return values;
}

/** The state at `view`. `end` runs when the reader is done with it, or was thrown away. */
export function loadWhole(parts: ReadingParts, view: LogView, end: () => void): LoadedSession | undefined {
  const { head } = view.place;
  if (!head) {
    end();
    return undefined;
  }
  const pages = readPages(parts, view);
  const entries = pagedEntries({
    nextPage: async () => (await pages.next()).value,
    check: parts.checkOpen,
    async release() {
      end();
      await pages.return(undefined);
    },
  });
  return { head, entries };
}

async function* readPages(parts: ReadingParts, view: LogView): AsyncGenerator<Entry[], undefined> {
  const { documents, sessionId } = parts;
  const { generation, slot } = view.place;
  try {
    const overlay = overlayOf(view);
    const folded = documents.stream('sessiongraph_entries', generationRange(sessionId, generation));
    for await (const versions of newestUpTo(folded, slot))
      yield* entriesOf(
        parts,
        versions.filter(({ name }) => !overlay.has(name)),
      );
    yield* entriesOf(parts, [...overlay.values()]);
    await checkNotOvertaken(parts, slot);
  } catch (error) {
    throw reported(error instanceof DamagedDocument ? await overtakenOr(error, parts, slot) : error, parts);
  }
}

/** A value that lies in chunks comes alone, so that no two are in memory at once. */
async function* entriesOf(
  { documents, sessionId }: ReadingParts,
  versions: readonly Version[],
): AsyncGenerator<Entry[]> {
  let page: Entry[] = [];
  for (const { name, value } of versions) {
    if (value instanceof Uint8Array) page.push({ name, value: new Uint8Array(value) });
    else if (value) {
      yield page;
      page = [];
      yield [{ name, value: await bytesOf(documents, sessionId, value) }];
    }
  }
  yield page;
}

/** What looks like damage may be a store that was closed, or another process that removed what was being read. */
async function overtakenOr(damage: DamagedDocument, parts: ReadingParts, slot: number): Promise<unknown> {
  try {
    parts.checkOpen();
    await checkNotOvertaken(parts, slot);
    return damage;
  } catch (cause) {
    return cause;
  }
}

/** Damage as the caller is to hear of it. */
export function reported(error: unknown, { store, sessionId }: Pick<ReadingParts, 'store' | 'sessionId'>) {
  if (!(error instanceof DamagedDocument)) return error;
  return new StoreError('SESSION_CORRUPT', store, `session ${sessionId} is damaged: ${error.message}`, {
    cause: error,
  });
}

/** The versions of one name follow each other. */
async function* newestUpTo(
  batches: AsyncIterable<readonly RawDocument[]>,
  slot: number,
): AsyncGenerator<Version[]> {
  let newest: Version | undefined;
  for await (const documents of batches) {
    const complete: Version[] = [];
    for (const version of documents.map(readVersion)) {
      if (version.slot > slot) continue;
      if (newest && newest.name !== version.name) complete.push(newest);
      newest = version;
    }
    yield complete;
  }
  if (newest) yield [newest];
}

/**
 * What is older than a checkpoint may be gone. This process waits for its own readers; another one does not know them,
 * and what it removed would be missing here without a trace.
 */
async function checkNotOvertaken({ documents, store, sessionId, writer }: ReadingParts, slot: number) {
  const found = await findCheckpoint(documents, sessionId);
  if (!found || found.slot <= slot) return;
  const last = readCheckpoint(found.raw);
  if (last.folder === writer && last.soleSince <= slot) return;
  const why = 'was changed by another process while it was read; read it again';
  throw new StoreError('STORE_UNAVAILABLE', store, `session ${sessionId} ${why}`);
}
