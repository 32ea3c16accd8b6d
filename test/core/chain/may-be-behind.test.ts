import { expect, it } from 'vitest';
import { mayBeBehind } from '../../../src/core/chain/store-survey.ts';
import { foundCopy as copy } from '../../support/found-copy.ts';

it.each([
  ['one complete copy', [copy(1, 5)], false],
  ['nothing at all', [], false],
  ['a copy that nobody vouches for', [copy(1, 5, { complete: false })], true],
  ['one of two equal copies that is complete', [copy(1, 5, { complete: false }), copy(1, 5)], false],
  ['an older copy that is complete', [copy(1, 5, { complete: false }), copy(1, 4)], true],
  ['an older owner that wrote more', [copy(2, 5), copy(1, 9)], true],
  ['an older owner that wrote less', [copy(2, 5), copy(1, 4)], false],
  ['a tombstone above all', [copy(2, 5, { deleted: true }), copy(1, 9)], false],
] as const)('law 6: of %s', (_, answers, expected) => {
  expect(mayBeBehind(answers, 'allow')).toBe(expected);
});

it('law 6: what a paused owner wrote to its own disk alone was never acknowledged, and puts nobody in doubt', () => {
  expect(mayBeBehind([copy(1, 9), copy(2, 5)], 'refuse')).toBe(false);
});

it.each([
  ['of the last owner', [copy(2, 5, { complete: false }), copy(1, 4, { fence: 2 })], false],
  ['of an older owner', [copy(2, 5, { complete: false }), copy(1, 4)], true],
  ['that is a tombstone', [copy(2, 5, { complete: false }), copy(2, 4, { deleted: true })], true],
] as const)(
  'law 6: where no server starts without its stores, a complete copy %s bounds what was acknowledged',
  (_, answers, expected) => {
    expect(mayBeBehind(answers, 'refuse')).toBe(expected);
  },
);
