import { numberedId } from './document-ids.ts';
import { type Documents, IdTaken, type RawDocument } from './documents.ts';
import { inBatches, versionDocument } from './entry-values.ts';
import type { Leftovers } from './leftovers.ts';
import type { LogView } from './log-view.ts';
import { chunksIn, type StoredChange } from './packed-entries.ts';
import { type Checkpoint, checkpointDocument } from './slots.ts';

/** A process that was cut off for longer than this asks before it writes; see `trusted` in session-log.ts. */
export const POST_KEPT_MS = 30 * 24 * 3600_000;

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
  const kept = new Set(chunksIn(newest.values()));
  const chunks = tail.flatMap(({ entries }) => chunksIn(entries)).filter(one => !kept.has(one));
  return { checkpoint, leftovers: { generations, names, chunks } };
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
