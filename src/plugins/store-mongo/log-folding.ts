import type { Documents } from './documents.ts';
import { fold, removeFolded } from './folding.ts';
import { type Leftovers, removeLeftovers, removeOld } from './leftovers.ts';
import { type LogView, readLog } from './log-view.ts';
import { createLooseChunks } from './loose-chunks.ts';
import { chunksIn } from './packed-entries.ts';
import type { Place, Slot } from './slots.ts';

/** When the slots of a log are folded into entries. */
export interface FoldLimits {
  readonly changes: number;
  readonly sizeBytes: number;
  readonly idleMs: number;
}

export interface LogFolding {
  /** A slot was added: folds now, or when nothing is added for a while. */
  added(slot: Slot): void;
  /** Waits where the log grew far beyond its limit. */
  room(): Promise<void>;
  /** Keeps what a reader needs until the returned function is called. */
  hold(): () => void;
  removeBeyond(view: LogView): Promise<void>;
  isIdle(): boolean;
  settle(): Promise<void>;
}

interface FoldingParts {
  readonly documents: Documents;
  readonly sessionId: string;
  readonly writer: string;
  readonly now: () => number;
  readonly limits: FoldLimits;
  /** The log does not hold what was written to it: the server lost it, or another one has taken its place. */
  readonly onOtherHistory: () => void;
}

/** Of a log nobody could fold for long. */
const LIMITS_OVER = 8;
const OLD_EVERY_MS = 24 * 3600_000;
const HELD_LEFTOVERS = 100;

export function createLogFolding(parts: FoldingParts): LogFolding {
  const { documents, sessionId, writer, now, limits, onOtherHistory } = parts;
  const loose = createLooseChunks(documents, sessionId);
  let changes = 0;
  let sizeBytes = 0;
  let readers = 0;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let cleanedAt = 0;
  let lastSlot = 0;
  let lastGeneration = '';
  let held: { place: Place; leftovers: Leftovers }[] = [];

  async function run(): Promise<void> {
    const counted = { changes, sizeBytes };
    // By this instant it is decided what is old: a process may sleep for days between two lines.
    const startedAt = now();
    const written = lastSlot;
    const view = await readLog(documents, sessionId);
    if (view.damage !== undefined || view.beyond.length > 0 || view.place.slot < written) onOtherHistory();
    if (view.damage !== undefined || view.tail.length === 0) {
      changes -= counted.changes;
      sizeBytes -= counted.sizeBytes;
      return;
    }
    const { checkpoint, leftovers } = await fold(documents, sessionId, view, writer);
    changes -= counted.changes;
    sizeBytes -= counted.sizeBytes;
    await removeFolded(documents, sessionId, checkpoint, startedAt);
    if (held.length < HELD_LEFTOVERS) held.push({ place: checkpoint, leftovers });
    await clean(checkpoint, startedAt);
  }

  async function clean(place?: Place, startedAt = 0): Promise<void> {
    if (readers > 0) return;
    const due = held;
    held = [];
    for (const { place, leftovers } of due)
      await removeLeftovers(documents, loose, { sessionId, generation: place.generation }, leftovers);
    // Not below the floor: what is there was set aside.
    if (!place || place.floor > 0 || startedAt - cleanedAt < OLD_EVERY_MS) return;
    cleanedAt = startedAt;
    await removeOld(documents, loose, { sessionId, generation: place.generation }, startedAt);
  }

  /** Nobody waits for it: what fails is done by the next one. */
  function start(): Promise<void> {
    clearTimeout(timer);
    running ??= run()
      .catch(() => {})
      .finally(() => {
        running = undefined;
        if (changes > 0) later();
      });
    return running;
  }
  function later(): void {
    clearTimeout(timer);
    timer = setTimeout(start, limits.idleMs).unref();
  }

  return {
    added({ slot, generation, entries }) {
      // A whole copy in the place of another one may have brought some.
      if (chunksIn(entries).length > 0 || generation !== lastGeneration) loose.mayHaveCome();
      lastSlot = slot;
      lastGeneration = generation;
      changes += 1;
      for (const { value } of entries) sizeBytes += value instanceof Uint8Array ? value.length : 0;
      if (changes >= limits.changes || sizeBytes >= limits.sizeBytes) void start();
      else later();
    },
    async room() {
      if (changes >= LIMITS_OVER * limits.changes) await start();
    },
    hold() {
      let isHeld = true;
      readers += 1;
      return () => {
        if (isHeld) readers -= 1;
        isHeld = false;
      };
    },
    async removeBeyond({ beyond }) {
      for (const { id, crc } of beyond)
        await documents.remove('sessiongraph_changes', [{ from: id, to: `${id}0` }], { crc });
    },
    isIdle: () => changes === 0 && readers === 0 && held.length === 0 && !running,
    async settle() {
      clearTimeout(timer);
      await running;
      if (changes > 0) await start();
      clearTimeout(timer);
      readers = 0;
      await clean().catch(() => {});
    },
  };
}
