import { randomUUID } from 'node:crypto';
import { judgeChange, judgeReplacement, nextCopyHead } from '../../core/copy-rules.ts';
import { StoreError, type StoreErrorCode } from '../../core/errors.ts';
import { createLane } from '../../core/lane.ts';
import type { Change, CopyHead, LoadedSession, Replacement } from '../../core/store.ts';
import { type Documents, insertIfFree } from './documents.ts';
import { shelveLargeValues } from './entry-values.ts';
import { createKnownPlace } from './known-place.ts';
import { createLogFolding, type FoldLimits } from './log-folding.ts';
import { findCheckpoint, type LogView, readLog } from './log-view.ts';
import type { StoredChange } from './packed-entries.ts';
import { loadNamed, loadWhole } from './reading.ts';
import { type NextSlot, type Place, type Slot, slotAfter, slotDocument } from './slots.ts';
import { removeStaged, stageEntries } from './staging.ts';

export interface SessionLogParts {
  readonly store: string;
  readonly sessionId: string;
  readonly documents: Documents;
  /** Of this store object: another one has another. */
  readonly writer: string;
  readonly now: () => number;
  readonly limits: FoldLimits;
  readonly checkOpen: () => void;
}

/** One session of the store. */
export interface SessionLog {
  readHead(): Promise<CopyHead | undefined>;
  loadEntries(names: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  loadSession(): Promise<LoadedSession | undefined>;
  applyChange(change: Change): Promise<void>;
  replaceSession(replacement: Replacement): Promise<void>;
  /** Resolves to the fence that was there before. A higher one stays; a damaged copy has a fence as well. */
  raiseFence(fence: number): Promise<number>;
  /** Nothing of it is worth remembering. */
  isIdle(): boolean;
  /** Folds what is not folded yet. */
  settle(): Promise<void>;
}

const ATTEMPTS = 10;

export function createSessionLog(parts: SessionLogParts): SessionLog {
  const { store, sessionId, documents, writer, now } = parts;
  const inOrder = createLane();
  const known = createKnownPlace(documents, now);
  const folding = createLogFolding({ ...parts, onOtherHistory: known.forget });

  const refused = (code: StoreErrorCode, why: string) =>
    new StoreError(code, store, `session ${sessionId} ${why}`);
  const check = (verdict: StoreErrorCode | 'write', { head, fence }: Place) => {
    if (verdict === 'write') return;
    const { epoch, revision } = head ?? { epoch: 0, revision: 0 };
    throw refused(verdict, `stands at ${epoch}.${revision} behind fence ${fence}`);
  };
  async function look(): Promise<LogView> {
    const view = await readLog(documents, sessionId);
    known.compare(view.place);
    return view;
  }
  const whole = (view: LogView) => {
    if (view.damage !== undefined) throw refused('SESSION_CORRUPT', `is damaged: ${view.damage}`);
    return view;
  };

  /** Whether the slot was free because it comes next, and not because it was folded and removed long ago. */
  async function counts(slot: Slot, before: Place, closures: number): Promise<boolean> {
    // It may have gone to a server that lacks what was before, where it follows nothing.
    if (documents.closures() !== closures) {
      const { damage, beyond } = await look();
      if (damage !== undefined || beyond.length > 0) return false;
    }
    // Whoever wrote after us left a post, on which we would have run.
    if (before.writer === writer) return true;
    const last = await findCheckpoint(documents, sessionId);
    return !last || last.slot < slot.slot;
  }

  /** Takes the next slot of the log for what `decide` wants, or finds out why not. */
  async function append(
    decide: (place: Place) => NextSlot | undefined,
    damageIs: 'refused' | 'replaced' | 'kept',
  ) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const closures = documents.closures();
      const remembered = attempt === 0 ? known.get() : undefined;
      const view = remembered ? undefined : await look();
      if (view && damageIs === 'refused') whole(view);
      if (view) await folding.removeBeyond(view);
      const isDamaged = view?.damage !== undefined;
      const place = remembered ?? (view as LogView).place;
      known.forget();
      let next: NextSlot | undefined;
      try {
        next = decide(place);
      } catch (error) {
        if (remembered) continue;
        throw error;
      }
      if (!next && remembered) continue;
      if (!next && isDamaged) return;
      if (!next) return known.set(place, closures);
      const floor = isDamaged && damageIs === 'replaced' ? place.slot + 1 : place.floor;
      const slot = await slotAfter(place, next, { writer, floor, at: now() });
      const isFree = await insertIfFree(documents, 'sessiongraph_changes', slotDocument(sessionId, slot));
      if (!isFree || !(await counts(slot, place, closures))) continue;
      if (isDamaged && damageIs === 'kept') return;
      known.set(slot, closures);
      return folding.added(slot);
    }
    throw refused('STORE_UNAVAILABLE', 'is written by others all the time');
  }

  async function applyChange(change: Change): Promise<void> {
    await folding.room();
    const { fence, complete } = change;
    let shelved: Promise<StoredChange[]> | undefined;
    const entries = () => {
      shelved ??= shelveLargeValues(documents, sessionId, change.entries, now());
      return shelved;
    };
    await append(place => {
      const { head } = place;
      const generation = place.generation || randomUUID();
      const verdict = judgeChange(place, change);
      if (verdict === 'claim') {
        const isSame = fence === place.fence && complete === (head?.complete ?? complete);
        const claimed = isSame ? head : head && { ...head, fence, complete, updatedAt: now() };
        // Written also where nothing changes: that a change can be read says nothing of a majority having it, and this
        // slot is acknowledged by one only together with all before it.
        return { head: claimed, fence, generation, entries: async () => [] };
      }
      check(verdict, place);
      return { head: nextCopyHead(head, { ...change, deleted: false }, now()), fence, generation, entries };
    }, 'refused');
  }

  async function raiseFence(fence: number): Promise<number> {
    let before = 0;
    await append(({ head, fence: found, generation }) => {
      before = Math.max(found, head?.epoch ?? 0);
      if (before >= fence) return undefined;
      const raised = head && { ...head, fence };
      return { head: raised, fence, generation: generation || randomUUID(), entries: async () => [] };
    }, 'kept');
    return before;
  }

  async function replaceSession(replacement: Replacement): Promise<void> {
    const generation = randomUUID();
    const judge = (place: Place) => check(judgeReplacement(place, replacement), place);
    judge((await inOrder(look)).place);
    const shelf = { sessionId, generation };
    try {
      if (!replacement.deleted) await stageEntries(documents, shelf, replacement.entries, now);
      await inOrder(() =>
        append(place => {
          judge(place);
          const head = nextCopyHead(place.head, replacement, now());
          return { head, fence: replacement.fence, generation, entries: async () => [] };
        }, 'replaced'),
      );
    } catch (error) {
      await removeStaged(documents, shelf, look);
      throw error;
    }
  }

  return {
    readHead: () => inOrder(async () => whole(await look()).place.head),
    loadEntries: names => inOrder(async () => loadNamed(parts, whole(await look()), names)),
    loadSession: () =>
      inOrder(async () => {
        // Held before the log is read: what is removed after that is newer than what was read.
        const end = folding.hold();
        try {
          return loadWhole(parts, whole(await look()), end);
        } catch (error) {
          end();
          throw error;
        }
      }),
    applyChange: change => inOrder(() => applyChange(change)),
    replaceSession,
    raiseFence: fence => inOrder(() => raiseFence(fence)),
    isIdle: () => folding.isIdle(),
    settle: () => inOrder(() => folding.settle()),
  };
}
