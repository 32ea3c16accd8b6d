import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGlobMatcher } from '../src/session-globs.ts';

test.each([
  ['shop', 'shop', true],
  ['shop', 'shops', false],
  ['*', 'anything', true],
  ['eu-*', 'eu-1', true],
  ['eu-*', 'us-eu-1', false],
  ['*-eu', 'shop-eu', true],
  ['a*b*c', 'a1b2c', true],
  ['a*b*c', 'acb', false],
  ['ab*ba', 'aba', false],
  ['a*a', 'a', false],
  ['**', '', true],
  ['a.c', 'abc', false],
  ['[a-z]*', 'a', false],
  ['(a+)+*', 'aaaa', false],
])('%s against %s: %s', (pattern, id, fits) => {
  expect(createGlobMatcher([pattern])(id)).toBe(fits);
});

test('it agrees with a regular expression', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  const id = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
  fc.assert(
    fc.property(text, id, (pattern, candidate) => {
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(candidate);
      expect(createGlobMatcher([pattern])(candidate)).toBe(expected);
    }),
    { numRuns: 2_000 },
  );
});

test('a pattern made to backtrack costs nothing', () => {
  const fits = createGlobMatcher([`${'a*'.repeat(64)}b`]);
  const began = performance.now();
  for (let run = 0; run < 1_000; run++) expect(fits('a'.repeat(128))).toBe(false);
  expect(performance.now() - began).toBeLessThan(1_000);
});
