import fc from 'fast-check';

export const KEYS = ['a', 'b', 'c'];

/** What goes wrong with one store, or comes right again. */
export type Fault = 'down' | 'up' | 'hang' | 'slow' | 'full' | 'lose-answer';
/** What becomes of a disk. */
export type Loss = 'wipe' | 'damage' | 'older-backup';

const STRIKES = ['down', 'up', 'up', 'hang', 'slow', 'full', 'lose-answer', 'wipe', 'damage'] as const;

export type Step =
  | { readonly kind: 'write'; readonly key: string; readonly deletes: boolean }
  | { readonly kind: (typeof STRIKES)[number]; readonly place: number }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'older-backup'; readonly place: number; readonly writes: number }
  /** An older backup comes in the place of what a store has, and the session is closed in peace before it writes again. */
  | { readonly kind: 'backup-then-close'; readonly place: number; readonly writes: number }
  | { readonly kind: 'restore-from'; readonly place: number }
  /** From now on these must not hold the session; those that had to before may again. */
  | { readonly kind: 'exclude'; readonly places: readonly number[] }
  | { readonly kind: 'crash' | 'restore' | 'delete' };

export function steps(stores: number): fc.Arbitrary<Step[]> {
  const place = fc.nat(stores - 1);
  const writes = fc.integer({ min: 1, max: 9 });
  const fault = fc.constantFrom(...STRIKES);
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('write'),
        key: fc.constantFrom(...KEYS),
        deletes: fc.boolean(),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fault, place }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('time'), ms: fc.nat(10_000) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('older-backup', 'backup-then-close'), place, writes }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('restore', 'delete') }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore-from'), place }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('exclude'), places: fc.uniqueArray(place) }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'crash' }) },
  );
  return fc.array(step as fc.Arbitrary<Step>, { minLength: 5, maxLength: 25 });
}
