import { hash } from 'node:crypto';

/** Where the record of an entry lies in the log. */
export interface Location {
  readonly offset: number;
  readonly length: number;
}

/**
 * Where the entries of one session lie, without their names: those are in the log. An entry is known by 80 bits of the
 * SHA-256 of its name. Among 100,000 entries two share them with a probability of 1 in 10^14, far less than that of a
 * disk that lies; so a write need not read the old record to be sure that it is the one.
 */
export interface EntryIndex {
  readonly size: number;
  /** Between 27 and 59 bytes an entry, from six entries on. */
  readonly memoryBytes: number;
  get(name: string): Location | undefined;
  /** Where it was before. */
  set(name: string, location: Location): Location | undefined;
  /** Where it was. */
  delete(name: string): Location | undefined;
  /** Of all entries, in the order of the log. */
  locations(): Location[];
  /** The same entries, each where its record was moved to: new offsets by the old ones. */
  moved(offsets: ReadonlyMap<number, number>): EntryIndex;
}

const SMALLEST = 16;
const FULLEST = 0.75;
// Half of this table is filled to 0.7, so the two limits do not take turns.
const EMPTIEST = 0.35;

const HIGH = 2 ** 32;

interface Slots {
  readonly mask: number;
  readonly firstHashes: Uint32Array;
  readonly secondHashes: Uint32Array;
  readonly thirdHashes: Uint16Array;
  /** 48 bits in two arrays; 0 where the slot is free: no record lies at the start of a log. */
  readonly lowOffsets: Uint32Array;
  readonly highOffsets: Uint16Array;
  readonly lengths: Uint32Array;
}

type Words = readonly [number, number, number];
export type NameHash = (name: string) => Words;

/** Open addressing in typed arrays with linear probing: 20 bytes a slot, nothing for the garbage collector to walk. */
export const createEntryIndex = (hashOf: NameHash = hashName): EntryIndex =>
  indexOver(emptySlots(SMALLEST), 0, hashOf);

function indexOver(filled: Slots, count: number, hashOf: NameHash): EntryIndex {
  let slots = filled;
  let size = count;

  const resize = (capacity: number) => {
    const old = slots;
    slots = emptySlots(capacity);
    for (let slot = 0; slot <= old.mask; slot += 1) {
      if (!isFilled(old, slot)) continue;
      const words = hashAt(old, slot);
      fill(slots, slotOf(slots, words), words, locationAt(old, slot));
    }
  };

  return {
    get size() {
      return size;
    },
    get memoryBytes() {
      const { mask, ...arrays } = slots;
      return Object.values(arrays).reduce((sum, { byteLength }) => sum + byteLength, 0);
    },
    get(name) {
      const slot = slotOf(slots, hashOf(name));
      return isFilled(slots, slot) ? locationAt(slots, slot) : undefined;
    },
    set(name, location) {
      const words = hashOf(name);
      const known = slotOf(slots, words);
      const previous = isFilled(slots, known) ? locationAt(slots, known) : undefined;
      if (!previous && size + 1 > (slots.mask + 1) * FULLEST) resize((slots.mask + 1) * 2);
      fill(slots, slotOf(slots, words), words, location);
      if (!previous) size += 1;
      return previous;
    },
    delete(name) {
      const slot = slotOf(slots, hashOf(name));
      if (!isFilled(slots, slot)) return undefined;
      const previous = locationAt(slots, slot);
      freeSlot(slots, slot);
      size -= 1;
      const capacity = slots.mask + 1;
      if (capacity > SMALLEST && size < capacity * EMPTIEST) resize(capacity / 2);
      return previous;
    },
    locations() {
      const found: Location[] = [];
      for (let slot = 0; slot <= slots.mask; slot += 1)
        if (isFilled(slots, slot)) found.push(locationAt(slots, slot));
      return found.sort((a, b) => a.offset - b.offset);
    },
    moved(offsets) {
      const own = copyOf(slots);
      for (let slot = 0; slot <= own.mask; slot += 1) {
        if (!isFilled(own, slot)) continue;
        const { offset, length } = locationAt(own, slot);
        fill(own, slot, hashAt(own, slot), { offset: offsets.get(offset) ?? offset, length });
      }
      return indexOver(own, size, hashOf);
    },
  };
}

const emptySlots = (capacity: number): Slots => ({
  mask: capacity - 1,
  firstHashes: new Uint32Array(capacity),
  secondHashes: new Uint32Array(capacity),
  thirdHashes: new Uint16Array(capacity),
  lowOffsets: new Uint32Array(capacity),
  highOffsets: new Uint16Array(capacity),
  lengths: new Uint32Array(capacity),
});

const copyOf = (slots: Slots): Slots => ({
  mask: slots.mask,
  firstHashes: slots.firstHashes.slice(),
  secondHashes: slots.secondHashes.slice(),
  thirdHashes: slots.thirdHashes.slice(),
  lowOffsets: slots.lowOffsets.slice(),
  highOffsets: slots.highOffsets.slice(),
  lengths: slots.lengths.slice(),
});

const isFilled = ({ lowOffsets, highOffsets }: Slots, slot: number): boolean =>
  lowOffsets[slot] !== 0 || highOffsets[slot] !== 0;

const hashAt = ({ firstHashes, secondHashes, thirdHashes }: Slots, slot: number): Words => [
  firstHashes[slot] ?? 0,
  secondHashes[slot] ?? 0,
  thirdHashes[slot] ?? 0,
];

const locationAt = ({ lowOffsets, highOffsets, lengths }: Slots, slot: number): Location => ({
  offset: (highOffsets[slot] ?? 0) * HIGH + (lowOffsets[slot] ?? 0),
  length: lengths[slot] ?? 0,
});

/** The slot of this name, or the free one where it belongs. */
function slotOf(slots: Slots, [first, second, third]: Words): number {
  const { mask, firstHashes, secondHashes, thirdHashes } = slots;
  let slot = first & mask;
  for (; isFilled(slots, slot); slot = (slot + 1) & mask) {
    if (firstHashes[slot] === first && secondHashes[slot] === second && thirdHashes[slot] === third) break;
  }
  return slot;
}

function fill(slots: Slots, slot: number, words: Words, { offset, length }: Location): void {
  [slots.firstHashes[slot], slots.secondHashes[slot], slots.thirdHashes[slot]] = words;
  slots.lowOffsets[slot] = offset % HIGH;
  slots.highOffsets[slot] = Math.floor(offset / HIGH);
  slots.lengths[slot] = length;
}

/** Moves up what the gap would cut off from where probing starts, so that no markers of deleted slots pile up. */
function freeSlot(slots: Slots, freed: number): void {
  const { mask } = slots;
  let gap = freed;
  for (let slot = (gap + 1) & mask; isFilled(slots, slot); slot = (slot + 1) & mask) {
    const words = hashAt(slots, slot);
    const reachesGap = ((slot - words[0]) & mask) >= ((slot - gap) & mask);
    if (!reachesGap) continue;
    fill(slots, gap, words, locationAt(slots, slot));
    gap = slot;
  }
  slots.lowOffsets[gap] = 0;
  slots.highOffsets[gap] = 0;
}

/** Over JSON: unlike UTF-8 alone it tells any two strings apart, lone surrogates included. */
export function hashName(name: string): Words {
  // A character a byte: cheaper than to get a buffer for ten of them, or digits to parse.
  const digest = hash('sha256', JSON.stringify(name), 'binary');
  const word = (at: number) => (digest.charCodeAt(at) << 8) | digest.charCodeAt(at + 1);
  return [word(0) * 0x1_0000 + word(2), word(4) * 0x1_0000 + word(6), word(8)];
}
