import {
  generationRange,
  nameOfVersion,
  numberedId,
  numberOfId,
  sessionRange,
  versionId,
} from './document-ids.ts';
import { type Documents, IdTaken, type RawDocument } from './documents.ts';
import { inBatches, type Shelf, versionDocument } from './entry-values.ts';
import type { LogView } from './log-view.ts';
import type { StoredChange } from './packed-entries.ts';
import { type Checkpoint, checkpointDocument } from './slots.ts';

/** A process that was cut off for longer than this asks before it writes; see `trusted` in session-log.ts. */
export const POST_KEPT_MS = 30 * 24 * 3600_000;
const OLD_MS = 24 * 3600_000;
const RANGES_AT_ONCE = 100;
const IDS_AT_ONCE = 5000;

/** What nobody needs any more once a checkpoint is written. */
export interface Leftovers {
  readonly generations: readonly string[];
  readonly names: ReadonlyMap<string, number>;
}

export interface Fold {
  readonly checkpoint: Checkpoint;
  readonly leftovers: Leftovers;
}

/**
 * Puts the tail into documents of the entries' own, then says so. Everything is an insert under an id that says what is
 * in it, so a fold may break off anywhere, be repeated, or run in two processes at once.
 */
export async function fold(
  documents: Documents,
  sessionId: string,
  view: LogView,
  folder: string,
): Promise<Fold> {
  const { place, tail, checkpoint: last } = view;
  const { generation, slot } = place;
  const names = new Map<string, number>();
  const newest = new Map<string, StoredChange>();
  for (const { slot: number, entries, generation: theirs } of tail.filter(s => s.generation === generation)) {
    if (theirs !== generation) continue;
    for (const entry of entries) {
      newest.set(entry.name, entry);
      names.set(entry.name, number);
    }
  }
  const at = tail.at(-1)?.at ?? 0;
  for await (const batch of inBatches(newest.values())) {
    const versions = batch.map(({ name, value }) =>
      versionDocument({ sessionId, generation }, { name, value, slot: names.get(name) ?? slot }, at),
    );
    await insertMissing(documents, versions);
  }
  const soleSince = last?.folder === folder ? last.soleSince : (last?.slot ?? 0);
  const checkpoint: Checkpoint = { ...place, folder, soleSince };
  await documents
    .insert('sessiongraph_heads', [checkpointDocument(sessionId, checkpoint)])
    .catch(ignoreTaken);
  const past = [last?.generation, ...tail.map(one => one.generation)];
  const generations = [...new Set(past)].filter(one => one && one !== generation) as string[];
  return { checkpoint, leftovers: { generations, names } };
}

const ignoreTaken = (error: unknown) => {
  if (!(error instanceof IdTaken)) throw error;
};

/** A fold that broke off has inserted some of them. */
async function insertMissing(documents: Documents, versions: readonly RawDocument[]): Promise<void> {
  try {
    await documents.insert('sessiongraph_entries', versions);
  } catch (error) {
    ignoreTaken(error);
    for (const version of versions)
      await documents.insert('sessiongraph_entries', [version]).catch(ignoreTaken);
  }
}

/** The folded slots but the last, which shows late readers that there was something; and the checkpoints before. */
export async function removeFolded(documents: Documents, sessionId: string, upTo: Checkpoint, now: number) {
  const range = { from: numberedId(sessionId, upTo.floor), to: numberedId(sessionId, upTo.slot) };
  await documents.remove('sessiongraph_heads', [range]);
  await documents.remove('sessiongraph_changes', [range], { isPost: false });
  const before = now - POST_KEPT_MS;
  await documents.remove('sessiongraph_changes', [range], { isPost: true, before });
}

/** Only when no reader of this process needs them; readers elsewhere notice. */
export async function removeLeftovers(
  documents: Documents,
  { sessionId, generation }: Shelf,
  { generations, names }: Leftovers,
): Promise<void> {
  for (const old of generations)
    await documents.remove('sessiongraph_entries', [generationRange(sessionId, old)]);
  if (names.size === 0) return;
  if (names.size > RANGES_AT_ONCE) return removeByList(documents, { sessionId, generation }, names);
  const ranges = [...names].map(([name, slot]) => ({
    from: versionId(sessionId, generation, name, 0),
    to: versionId(sessionId, generation, name, slot),
  }));
  await documents.remove('sessiongraph_entries', ranges);
}

/** For many names it is less work to look what is there. */
async function removeByList(
  documents: Documents,
  { sessionId, generation }: Shelf,
  names: ReadonlyMap<string, number>,
): Promise<void> {
  const old: string[] = [];
  for await (const id of documents.ids('sessiongraph_entries', generationRange(sessionId, generation)))
    if (numberOfId(id) < (names.get(nameOfVersion(id)) ?? 0)) old.push(id);
  for (let at = 0; at < old.length; at += IDS_AT_ONCE)
    await documents.removeIds('sessiongraph_entries', old.slice(at, at + IDS_AT_ONCE));
}

/**
 * Once a day: deleted entries, long after nobody can write an older version of them any more; and generations that
 * nobody will name, because the replacement or the removal of them broke off.
 */
export async function removeOld(documents: Documents, shelf: Shelf, now: number): Promise<void> {
  const { sessionId, generation } = shelf;
  const before = now - OLD_MS;
  const whole = sessionRange(sessionId);
  const current = generationRange(sessionId, generation);
  await documents.remove('sessiongraph_entries', [current], { isDead: true, before });
  const others = [
    { from: whole.from, to: current.from },
    { from: current.to, to: whole.to },
  ];
  await documents.remove('sessiongraph_entries', others, { before });
}
