/** Where the record of an entry lies in the log. */
export interface Location {
  readonly offset: number;
  readonly length: number;
}

/**
 * Where the entries of one session lie, without their names: those are in the log. A lookup answers every record whose
 * name has the same hash; the caller reads them and compares. So two names with one hash are merely slower.
 */
export interface EntryIndex {
  readonly size: number;
  /** Between 27 and 59 bytes an entry, from six entries on. */
  readonly memoryBytes: number;
  candidates(name: string): Location[];
  put(name: string, location: Location): void;
  move(name: string, from: Location, to: Location): void;
  delete(name: string, location: Location): void;
  /** Of all entries, in the order of the log. */
  locations(): Location[];
}

const SMALLEST = 16;
const FULLEST = 0.75;
// Half of this table is filled to 0.68, so the two limits do not take turns.
const EMPTIEST = 0.34;

interface Slots {
  readonly mask: number;
  /** Two words a slot. */
  readonly hashes: Uint32Array;
  /** 0 where the slot is free: no record lies at the start of a log. */
  readonly offsets: Float64Array;
  readonly lengths: Uint32Array;
}

export type NameHash = (name: string) => readonly [number, number];

/** Open addressing in typed arrays with linear probing: 20 bytes a slot, nothing for the garbage collector to walk. */
export function createEntryIndex(hash: NameHash = hashName): EntryIndex {
  let slots = emptySlots(SMALLEST);
  let size = 0;

  const slotOf = (name: string, { offset }: Location): number => {
    for (const slot of probe(slots, hash(name))) if (slots.offsets[slot] === offset) return slot;
    throw new Error('the index does not hold this record');
  };
  const resize = (capacity: number) => {
    const old = slots;
    slots = emptySlots(capacity);
    old.offsets.forEach((offset, slot) => {
      if (offset) insert(slots, hashAt(old, slot), { offset, length: old.lengths[slot] ?? 0 });
    });
  };

  return {
    get size() {
      return size;
    },
    get memoryBytes() {
      return slots.hashes.byteLength + slots.offsets.byteLength + slots.lengths.byteLength;
    },
    candidates: name => [...probe(slots, hash(name))].map(slot => locationAt(slots, slot)),
    put(name, location) {
      const capacity = slots.mask + 1;
      if (size + 1 > capacity * FULLEST) resize(capacity * 2);
      insert(slots, hash(name), location);
      size += 1;
    },
    move(name, from, to) {
      const slot = slotOf(name, from);
      slots.offsets[slot] = to.offset;
      slots.lengths[slot] = to.length;
    },
    delete(name, location) {
      freeSlot(slots, slotOf(name, location));
      size -= 1;
      const capacity = slots.mask + 1;
      if (capacity > SMALLEST && size < capacity * EMPTIEST) resize(capacity / 2);
    },
    locations() {
      const found: Location[] = [];
      slots.offsets.forEach((offset, slot) => {
        if (offset) found.push(locationAt(slots, slot));
      });
      return found.sort((a, b) => a.offset - b.offset);
    },
  };
}

const emptySlots = (capacity: number): Slots => ({
  mask: capacity - 1,
  hashes: new Uint32Array(capacity * 2),
  offsets: new Float64Array(capacity),
  lengths: new Uint32Array(capacity),
});

const hashAt = ({ hashes }: Slots, slot: number) =>
  [hashes[slot * 2] ?? 0, hashes[slot * 2 + 1] ?? 0] as const;

const locationAt = ({ offsets, lengths }: Slots, slot: number): Location => ({
  offset: offsets[slot] ?? 0,
  length: lengths[slot] ?? 0,
});

function* probe(slots: Slots, [high, low]: readonly [number, number]): Generator<number> {
  for (let slot = low & slots.mask; slots.offsets[slot]; slot = (slot + 1) & slots.mask) {
    if (slots.hashes[slot * 2] === high >>> 0 && slots.hashes[slot * 2 + 1] === low >>> 0) yield slot;
  }
}

function insert(slots: Slots, [high, low]: readonly [number, number], { offset, length }: Location): void {
  let slot = low & slots.mask;
  while (slots.offsets[slot]) slot = (slot + 1) & slots.mask;
  fill(slots, slot, [high, low], { offset, length });
}

function fill(
  { hashes, offsets, lengths }: Slots,
  slot: number,
  [high, low]: readonly [number, number],
  at: Location,
) {
  hashes[slot * 2] = high;
  hashes[slot * 2 + 1] = low;
  offsets[slot] = at.offset;
  lengths[slot] = at.length;
}

/** Moves up what the gap would cut off from where probing starts, so that no markers of deleted slots pile up. */
function freeSlot(slots: Slots, freed: number): void {
  const { mask, offsets } = slots;
  let gap = freed;
  for (let slot = (gap + 1) & mask; offsets[slot]; slot = (slot + 1) & mask) {
    const home = (hashAt(slots, slot)[1] & mask) >>> 0;
    const reachesGap = ((slot - home) & mask) >= ((slot - gap) & mask);
    if (!reachesGap) continue;
    fill(slots, gap, hashAt(slots, slot), locationAt(slots, slot));
    gap = slot;
  }
  offsets[gap] = 0;
}

/** 64 bits over the characters of a name: cyrb53 with both of its words kept whole. */
export function hashName(name: string): readonly [number, number] {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < name.length; at += 1) {
    const character = name.charCodeAt(at);
    high = Math.imul(high ^ character, 2654435761);
    low = Math.imul(low ^ character, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return [high >>> 0, low >>> 0];
}
