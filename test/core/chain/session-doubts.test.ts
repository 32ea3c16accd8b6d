import { beforeEach, describe, expect, it } from 'vitest';
import { createSessionDoubts, type SessionDoubts } from '../../../src/core/chain/session-doubts.ts';
import type { StoreAnswer } from '../../../src/core/chain/store-survey.ts';
import type { CopyHead, SessionStore } from '../../../src/core/store.ts';
import { foundCopy } from '../../support/found-copy.ts';

const SESSION = 'shop';

const onDisk = foundCopy;
/** In a store that servers share. */
function shared(epoch: number, revision: number, rest: Partial<CopyHead> = {}): StoreAnswer {
  const copy = foundCopy(epoch, revision, rest);
  return { ...copy, store: { ...copy.store, leases: { scope: 'cluster' } } as SessionStore };
}
let doubts: SessionDoubts;
beforeEach(() => {
  doubts = createSessionDoubts('refuse');
});
const isBehind = (...answers: StoreAnswer[]) => doubts.isPossiblyBehind(SESSION, answers);

describe('a session', () => {
  it('law 6: is known to have come as far as was acknowledged here', () => {
    doubts.acknowledged(SESSION, { epoch: 2, revision: 5 });
    expect([isBehind(onDisk(2, 4)), isBehind(onDisk(2, 5)), isBehind(onDisk(3, 1))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('law 6: is known to have come as far as a shared store was seen to have it, which no disk of one server tells', () => {
    doubts.saw(SESSION, [shared(2, 5), onDisk(1, 9)]);
    expect([isBehind(shared(2, 4)), isBehind(shared(2, 5))]).toEqual([true, false]);
    doubts.saw(SESSION, [shared(2, 5, { fence: 3 }), onDisk(2, 9)]);
    expect(isBehind(shared(2, 5)), 'who has the lease may not have written').toBe(false);
  });

  it('law 6: is known to have come no less far by what is learnt late', () => {
    doubts.saw(SESSION, [shared(2, 4)]);
    doubts.acknowledged(SESSION, { epoch: 1, revision: 2 });
    doubts.saw(SESSION, [shared(2, 3)]);
    expect(isBehind(shared(2, 3))).toBe(true);
  });

  it('stands where it was written anew, also where that is less', () => {
    doubts.saw(SESSION, [shared(2, 5)]);
    doubts.resolved(SESSION, { epoch: 1, revision: 7 });
    expect(isBehind(onDisk(1, 7))).toBe(false);
  });
});

it('law 1: an epoch is known from whatever told of it', () => {
  expect(doubts.lastEpoch(SESSION)).toBe(0);
  doubts.acknowledged(SESSION, { epoch: 1, revision: 9 });
  expect(doubts.lastEpoch(SESSION)).toBe(1);
  doubts.saw(SESSION, [shared(1, 9, { fence: 2 })]);
  expect(doubts.lastEpoch(SESSION)).toBe(2);
  doubts.heardOf([{ sessionId: SESSION, holder: 'two', epoch: 4 }]);
  doubts.heardOf([{ sessionId: SESSION, holder: 'one', epoch: 3 }]);
  expect(doubts.lastEpoch(SESSION)).toBe(4);
});
