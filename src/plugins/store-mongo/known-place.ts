import type { Documents } from './documents.ts';
import type { Place } from './slots.ts';

/** Far less than posts are kept: who was away for longer asks where the log ends. */
const TRUSTED_MS = 24 * 3600_000;

/** Where a log ended when this process last wrote to it, for as long as that may be believed. */
export interface KnownPlace {
  get(): Place | undefined;
  /** `closures`: how many connections had been closed when this was found out. */
  set(place: Place, closures: number): void;
  /** What the log says overrules it: whoever puts an older backup in its place need not close our connections. */
  compare(found: Place): void;
  forget(): void;
}

export function createKnownPlace(documents: Documents, now: () => number): KnownPlace {
  let known: { readonly place: Place; readonly at: number; readonly closures: number } | undefined;
  return {
    get() {
      // Behind a new connection may be another server, or an older backup of this one.
      if (!known || known.closures !== documents.closures()) return undefined;
      const ageMs = now() - known.at;
      return ageMs >= 0 && ageMs < TRUSTED_MS ? known.place : undefined;
    },
    set({ slot, mark, writer, head, fence, generation, floor }, closures) {
      known = { place: { slot, mark, writer, head, fence, generation, floor }, at: now(), closures };
    },
    compare({ slot, mark }) {
      if (known && known.place.slot >= slot && known.place.mark !== mark) known = undefined;
    },
    forget() {
      known = undefined;
    },
  };
}
