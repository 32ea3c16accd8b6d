import { expect, it } from 'vitest';
import { judgeFollower } from '../../../src/core/chain/judge-follower.ts';
import type { StoreAnswer } from '../../../src/core/chain/store-survey.ts';
import type { SessionStore } from '../../../src/core/store.ts';
import { headAt } from '../../contract/sample-changes.ts';
import { foundCopy as found } from '../../support/found-copy.ts';

const store = { name: 'second' } as SessionStore;
const OPENED = headAt(2, 5);
const SESSION = {
  ...{ epoch: 3, openedAt: OPENED, target: headAt(3, 7), isFirstWord: true },
  ...{ confirmed: undefined, complete: true },
};

it.each<[string, StoreAnswer, unknown]>([
  ['nothing', { kind: 'absent', store }, 'other'],
  ['what the session was opened from', found(2, 5), expect.objectContaining(OPENED)],
  ['all of it', found(3, 7), expect.objectContaining(headAt(3, 7))],
  ['less', found(2, 4), 'other'],
  ['more, of an older owner', found(2, 6), 'ahead'],
  ['more, of an owner with the same epoch', found(3, 9), 'ahead'],
  ['what a newer owner wrote, which a copy learns', found(4, 9), 'other'],
  ['a deletion after the opening', found(2, 6, { deleted: true }), 'ahead'],
  ['a deletion before it', found(2, 4, { deleted: true }), 'other'],
  ['the tombstone of one that was told to forget', found(2, 6, { deleted: true, complete: false }), 'other'],
])('law 6: a store that was silent at the opening has %s', (_, answer, verdict) => {
  expect(judgeFollower(answer, SESSION)).toEqual(verdict);
});

it.each([found(2, 6), found(2, 6, { deleted: true })])(
  'law 6: what a store has that was asked at the opening is not news: it gets a copy',
  answer => {
    expect(judgeFollower(answer, { ...SESSION, isFirstWord: false })).toBe('other');
  },
);
