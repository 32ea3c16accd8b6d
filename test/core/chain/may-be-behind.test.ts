import { expect, it } from 'vitest';
import { mayBeBehind, type StoreAnswer } from '../../../src/core/chain/store-survey.ts';
import type { SessionStore } from '../../../src/core/store.ts';
import { headAt } from '../../contract/sample-changes.ts';

const copy = (epoch: number, revision: number, rest: { complete?: boolean; deleted?: boolean } = {}) => {
  const head = { ...headAt(epoch, revision), fence: epoch, createdAt: 0, updatedAt: 0 };
  const store = { name: `${epoch}.${revision}` } as SessionStore;
  return {
    kind: 'found',
    store,
    head: { complete: true, deleted: false, ...head, ...rest },
  } satisfies StoreAnswer;
};

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
  ['of the last owner', [copy(2, 5, { complete: false }), { ...copy(1, 4), fence: 2 }], false],
  ['of an older owner', [copy(2, 5, { complete: false }), copy(1, 4)], true],
  ['that is a tombstone', [copy(2, 5, { complete: false }), copy(2, 4, { deleted: true })], true],
] as const)(
  'law 6: where no server starts without its stores, a complete copy %s bounds what was acknowledged',
  (...row) => {
    const [, answers, expected] = row;
    const heads = answers.map(({ head, ...answer }) => ({
      ...answer,
      head: { ...head, ...('fence' in answer && { fence: answer.fence }) },
    }));
    expect(mayBeBehind(heads, 'refuse')).toBe(expected);
  },
);
