import { type IdRange, numberedId, numberOfId, sessionRange } from './document-ids.ts';
import { DamagedDocument, type Documents, type RawDocument } from './documents.ts';
import { BEGINNING, type Checkpoint, type Place, readCheckpoint, readSlot, type Slot } from './slots.ts';

/** What the log of one session says. */
export interface LogView {
  /** Where the copy stands; of a damaged one only slot, fence and floor are to be believed. */
  readonly place: Place;
  readonly checkpoint: Checkpoint | undefined;
  /** The slots that are not in the checkpoint. */
  readonly tail: readonly Slot[];
  /**
   * Slots that do not follow: leftovers of a store that lost writes it had acknowledged. With what tells each from one
   * that is written under its id later.
   */
  readonly beyond: readonly { readonly id: string; readonly crc: unknown }[];
  readonly damage: string | undefined;
}

/**
 * Both collections at once. Whoever folds meanwhile removes slots, but never the last one that it folded: a view of the
 * heads that is older than the slots next to it shows a gap. Then the slots are read before the heads, so that what is
 * missing among them is in the checkpoint; newest first, since one that is seen was written after all before it. A gap
 * in that view is real.
 */
export async function readLog(documents: Documents, sessionId: string, since = 0): Promise<LogView> {
  const whole = sessionRange(sessionId);
  const slots: IdRange = { from: numberedId(sessionId, since), to: whole.to };
  const readHeads = () => documents.find('sessiongraph_heads', [whole]);
  const readSlots = async () =>
    (await documents.find('sessiongraph_changes', [slots], 'newest-first')).reverse();
  const [heads, changes] = await Promise.all([readHeads(), readSlots()]);
  const view = viewOf(heads.at(-1), changes);
  if (view.beyond.length === 0 && view.damage === undefined) return view;
  const again = await readSlots();
  return viewOf((await readHeads()).at(-1), again);
}

/** The document of the last checkpoint; its id tells how far the log is folded, also where it is damaged. */
export async function findCheckpoint(
  documents: Documents,
  sessionId: string,
): Promise<{ readonly slot: number; readonly raw: RawDocument } | undefined> {
  const raw = (await documents.find('sessiongraph_heads', [sessionRange(sessionId)])).at(-1);
  return raw && { slot: numberOfId(raw._id), raw };
}

function viewOf(head: RawDocument | undefined, changes: readonly RawDocument[]): LogView {
  const { checkpoint, damage, fence } = beginning(head);
  let place: Place = checkpoint ?? { ...BEGINNING, fence, slot: head ? numberOfId(head._id) : 0 };
  let view: LogView = { place, checkpoint, tail: [], beyond: [], damage };
  const tail: Slot[] = [];
  const beyond: LogView['beyond'][number][] = [];
  for (const raw of changes.filter(({ _id }) => numberOfId(_id) > place.slot || view.damage)) {
    if (numberOfId(raw._id) <= (head ? numberOfId(head._id) : 0)) continue;
    const slot = parseSlot(raw);
    if ('slot' in slot && slot.floor === slot.slot) {
      // A whole copy in the place of a damaged one: what was before does not matter.
      tail.splice(0, tail.length, slot);
      beyond.length = 0;
      place = slot;
      view = { ...view, checkpoint: undefined, damage: undefined };
    } else if (view.damage !== undefined || 'damage' in slot) {
      place = { ...place, slot: numberOfId(raw._id), fence: Math.max(place.fence, slot.fence) };
      view = { ...view, damage: view.damage ?? ('damage' in slot ? slot.damage : undefined) };
    } else if (slot.slot === place.slot + 1 && slot.after === place.mark) {
      tail.push(slot);
      place = slot;
    } else beyond.push({ id: raw._id, crc: raw.crc });
  }
  // A log without its beginning is not an absent session.
  if (place.slot === 0 && beyond.length > 0)
    return damagedView(numberOfId(beyond.at(-1)?.id ?? ''), changes, 'the log has no beginning');
  return { ...view, place, tail, beyond };
}

function damagedView(slot: number, changes: readonly RawDocument[], damage: string): LogView {
  const fence = Math.max(0, ...changes.map(fenceOf));
  return { place: { ...BEGINNING, slot, fence }, checkpoint: undefined, tail: [], beyond: [], damage };
}

function beginning(head: RawDocument | undefined) {
  try {
    const checkpoint = head && readCheckpoint(head);
    return { checkpoint, damage: undefined, fence: checkpoint?.fence ?? 0 };
  } catch (error) {
    if (!(error instanceof DamagedDocument) || !head) throw error;
    return { checkpoint: undefined, damage: error.message, fence: fenceOf(head) };
  }
}

function parseSlot(raw: RawDocument): Slot | { readonly damage: string; readonly fence: number } {
  try {
    return readSlot(raw);
  } catch (error) {
    if (!(error instanceof DamagedDocument)) throw error;
    return { damage: error.message, fence: fenceOf(raw) };
  }
}

const fenceOf = ({ fence }: RawDocument): number =>
  typeof fence === 'number' && Number.isSafeInteger(fence) ? fence : 0;
