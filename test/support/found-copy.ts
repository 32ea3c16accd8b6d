import type { FoundCopy } from '../../src/core/chain/store-survey.ts';
import type { CopyHead, SessionStore } from '../../src/core/store.ts';
import { headAt } from '../contract/sample-changes.ts';

/** What a store of no other use answers that holds a copy there: a complete one of a living session where nothing is said. */
export function foundCopy(epoch: number, revision: number, rest: Partial<CopyHead> = {}): FoundCopy {
  const store = { name: `${epoch}.${revision}` } as SessionStore;
  const usual = { fence: epoch, complete: true, deleted: false, createdAt: 0, updatedAt: 0 };
  return { kind: 'found', store, head: { ...headAt(epoch, revision), ...usual, ...rest } };
}
