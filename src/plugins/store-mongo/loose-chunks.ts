import { chunksOfId, chunksRange, type IdRange, sessionRange } from './document-ids.ts';
import type { Documents } from './documents.ts';
import { readLog } from './log-view.ts';
import { chunksIn } from './packed-entries.ts';

/** The chunks of a session that nothing refers to, or will soon not. Most sessions have no chunks at all. */
export interface LooseChunks {
  /** Of the versions in these ranges: their chunks by their ids. Costs nothing where the session has none. */
  of(ranges: readonly IdRange[]): Promise<ReadonlyMap<string, string>>;
  remove(chunks: readonly string[]): Promise<void>;
  /**
   * Removes all that nothing refers to. Not those written after `before`: who wrote them may be about to write the slot
   * that names them.
   */
  sweep(before: number): Promise<void>;
  /** Something was written: whether there are chunks is not known any more. */
  mayHaveCome(): void;
}

export function createLooseChunks(documents: Documents, sessionId: string): LooseChunks {
  const whole = sessionRange(sessionId);
  let areThere: boolean | undefined;

  async function look(): Promise<boolean> {
    for await (const _ of documents.ids('sessiongraph_chunks', whole)) return true;
    return false;
  }
  async function largeIn(ranges: readonly IdRange[]): Promise<Map<string, string>> {
    const found = await documents.findWhere('sessiongraph_entries', ranges, { isLarge: true });
    return new Map(found.map(({ _id, chunks }) => [_id, String(chunks)]));
  }

  return {
    async of(ranges) {
      areThere ??= await look();
      return areThere ? largeIn(ranges) : new Map();
    },
    async remove(chunks) {
      if (chunks.length === 0) return;
      const ranges = chunks.map(one => chunksRange(sessionId, one));
      await documents.remove('sessiongraph_chunks', ranges);
    },
    async sweep(before) {
      const left = new Set<string>();
      for await (const ids of documents.ids('sessiongraph_chunks', whole))
        for (const id of ids) left.add(chunksOfId(id));
      areThere = left.size > 0;
      if (!areThere) return;
      // Slots before entries: what is folded in between is found in one of them, or in both.
      const { tail, damage } = await readLog(documents, sessionId);
      if (damage !== undefined) return;
      for (const chunks of tail.flatMap(({ entries }) => chunksIn(entries))) left.delete(chunks);
      for (const chunks of (await largeIn([whole])).values()) left.delete(chunks);
      if (left.size === 0) return;
      const ranges = [...left].map(chunks => chunksRange(sessionId, chunks));
      await documents.remove('sessiongraph_chunks', ranges, { before });
    },
    mayHaveCome() {
      areThere = undefined;
    },
  };
}
