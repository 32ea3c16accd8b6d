import {
  generationRange,
  type IdRange,
  nameOfVersion,
  numberOfId,
  sessionRange,
  versionId,
} from './document-ids.ts';
import type { Documents } from './documents.ts';
import type { Shelf } from './entry-values.ts';
import type { LooseChunks } from './loose-chunks.ts';

const OLD_MS = 24 * 3600_000;
const RANGES_AT_ONCE = 100;
const IDS_AT_ONCE = 5000;

/** What nobody needs any more once a checkpoint is written. */
export interface Leftovers {
  readonly generations: readonly string[];
  /** Entries that have a newer version, by its slot. */
  readonly names: ReadonlyMap<string, number>;
  /** Of large values that were replaced before they were folded. */
  readonly chunks: readonly string[];
}

/** Only when no reader of this process needs them; readers elsewhere notice. */
export async function removeLeftovers(
  documents: Documents,
  loose: LooseChunks,
  { sessionId, generation }: Shelf,
  { generations, names, chunks }: Leftovers,
): Promise<void> {
  await loose.remove(chunks);
  const pastRanges = generations.map(past => generationRange(sessionId, past));
  const older = ([name, slot]: [string, number]): IdRange => ({
    from: versionId(sessionId, generation, name, 0),
    to: versionId(sessionId, generation, name, slot),
  });
  if (names.size <= RANGES_AT_ONCE)
    return removeVersions(documents, loose, [...pastRanges, ...[...names].map(older)]);
  await removeVersions(documents, loose, pastRanges);
  await removeByList(documents, loose, { sessionId, generation }, names);
}

/** The chunks last: what is cut off in between is loose, and not missing. */
export async function removeVersions(
  documents: Documents,
  loose: LooseChunks,
  ranges: readonly IdRange[],
): Promise<void> {
  if (ranges.length === 0) return;
  const chunks = await loose.of(ranges);
  await documents.remove('sessiongraph_entries', ranges);
  await loose.remove([...chunks.values()]);
}

/** For many names it is less work to look what is there. */
async function removeByList(
  documents: Documents,
  loose: LooseChunks,
  { sessionId, generation }: Shelf,
  names: ReadonlyMap<string, number>,
): Promise<void> {
  const all = generationRange(sessionId, generation);
  const old: string[] = [];
  for await (const ids of documents.ids('sessiongraph_entries', all))
    old.push(...ids.filter(id => numberOfId(id) < (names.get(nameOfVersion(id)) ?? 0)));
  const chunks = await loose.of([all]);
  for (let at = 0; at < old.length; at += IDS_AT_ONCE)
    await documents.removeIds('sessiongraph_entries', old.slice(at, at + IDS_AT_ONCE));
  await loose.remove(old.flatMap(id => chunks.get(id) ?? []));
}

/**
 * Once a day: deleted entries, long after nobody can write an older version of them any more; generations that nobody
 * will name, because the replacement or the removal of them broke off; and chunks that nothing refers to.
 */
export async function removeOld(
  documents: Documents,
  loose: LooseChunks,
  { sessionId, generation }: Shelf,
  now: number,
): Promise<void> {
  const before = now - OLD_MS;
  const whole = sessionRange(sessionId);
  const current = generationRange(sessionId, generation);
  await documents.remove('sessiongraph_entries', [current], { isDead: true, before });
  const others = [
    { from: whole.from, to: current.from },
    { from: current.to, to: whole.to },
  ];
  await documents.remove('sessiongraph_entries', others, { before });
  await loose.sweep(before);
}
