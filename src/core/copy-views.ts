import type { StoreError } from './errors.ts';
import { isSameHead } from './position.ts';
import type { CopyState, CopyView } from './session-views.ts';
import type { CopyHead, SessionStore } from './store.ts';
import { freshestCopy, type StoreAnswer } from './store-survey.ts';

/** Pure: what each store of the chain holds of a session, compared with the freshest copy that can be seen. */
export function copyViews(
  stores: readonly SessionStore[],
  answers: readonly StoreAnswer[],
  excluded: readonly string[],
): CopyView[] {
  const freshest = freshestCopy(answers)?.head;
  return stores.map(({ name }) => {
    if (excluded.includes(name)) return { store: name, state: 'EXCLUDED' };
    const answer = answers.find(({ store }) => store.name === name);
    return answer ? viewOf(answer, freshest) : { store: name, state: 'UNREACHABLE' };
  });
}

function viewOf(answer: StoreAnswer, freshest: CopyHead | undefined): CopyView {
  const store = answer.store.name;
  if (answer.kind === 'absent') return { store, state: 'MISSING' };
  if (answer.kind === 'failed')
    return { store, state: stateOfError(answer.error), error: answer.error.message };
  const { head } = answer;
  const behindBy = freshest && freshest.epoch === head.epoch ? freshest.revision - head.revision : undefined;
  return {
    store,
    state: stateOfHead(head, freshest ?? head),
    epoch: head.epoch,
    revision: head.revision,
    createdAt: new Date(head.createdAt),
    updatedAt: new Date(head.updatedAt),
    lastSyncedAt: new Date(head.updatedAt),
    ...(behindBy !== undefined && { behindBy }),
  };
}

function stateOfHead(head: CopyHead, freshest: CopyHead): CopyState {
  const isAtFreshest = head.epoch === freshest.epoch && head.revision === freshest.revision;
  if (isAtFreshest && !isSameHead(head, freshest)) return 'DIVERGED';
  if (!isAtFreshest) return 'BEHIND';
  return head.deleted ? 'DELETED' : 'IN_SYNC';
}

function stateOfError({ code }: StoreError): CopyState {
  switch (code) {
    case 'SESSION_CORRUPT':
      return 'CORRUPT';
    case 'STORE_UNREADABLE':
      return 'UNREADABLE';
    case 'STORE_DIVERGED':
      return 'DIVERGED';
    default:
      return 'UNREACHABLE';
  }
}
