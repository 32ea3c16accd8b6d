import type { Entry } from '../../core/store.ts';
import { generationRange } from './document-ids.ts';
import type { Documents } from './documents.ts';
import { inBatches, type Shelf, shelveLargeValues, versionDocument } from './entry-values.ts';
import { removeVersions } from './leftovers.ts';
import type { LogView } from './log-view.ts';
import { createLooseChunks } from './loose-chunks.ts';

/** Writes a whole copy under a generation that no slot names yet. */
export async function stageEntries(
  documents: Documents,
  shelf: Shelf,
  entries: AsyncIterable<Entry> | Iterable<Entry>,
  now: () => number,
): Promise<void> {
  for await (const batch of inBatches(entries)) {
    const shelved = await shelveLargeValues(documents, shelf.sessionId, batch as Entry[], now());
    const versions = shelved.map(({ name, value }) =>
      versionDocument(shelf, { name, value, slot: 0 }, now()),
    );
    await documents.insert('sessiongraph_entries', versions);
  }
}

/** After a failure. Where the last answer was lost the generation may be the copy by now, and stays. */
export async function removeStaged(
  documents: Documents,
  { sessionId, generation }: Shelf,
  look: () => Promise<LogView>,
): Promise<void> {
  try {
    const { place, tail } = await look();
    if ([place, ...tail].some(named => named.generation === generation)) return;
    const loose = createLooseChunks(documents, sessionId);
    await removeVersions(documents, loose, [generationRange(sessionId, generation)]);
  } catch {
    // The caller is told what went wrong first; what is left here is never read.
  }
}
