import type { SessionError, StoreError } from '../errors.ts';
import { isSameHead } from '../position.ts';
import type { CopyState, CopyView } from '../sessions/session-views.ts';
import type { CopyHead, SessionStore } from '../store.ts';
import { freshestCopy, type StoreAnswer } from './store-survey.ts';

/** Why a copy whose head can be read is of no use all the same. */
export type CopyProblem = StoreError | SessionError;

/** What was found out about the copies of a session. */
export interface CopyFindings {
  readonly answers: readonly StoreAnswer[];
  readonly excluded: readonly string[];
  /** By the name of the store. */
  readonly problems: ReadonlyMap<string, CopyProblem>;
}

/** Pure: what each store of the chain holds of a session, compared with the freshest copy that can be seen. */
export function copyViews(
  stores: readonly SessionStore[],
  { answers, excluded, problems }: CopyFindings,
): CopyView[] {
  const freshest = freshestCopy(answers)?.head;
  return stores.map(({ name }) => {
    if (excluded.includes(name)) return { store: name, state: 'EXCLUDED' };
    const answer = answers.find(({ store }) => store.name === name);
    if (!answer) return { store: name, state: 'UNREACHABLE' };
    const problem = problems.get(name);
    const view = viewOf(answer, freshest);
    return problem ? { ...view, state: stateOfError(problem), error: problem.message } : view;
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
  if (head.deleted) return 'DELETED';
  const isAtFreshest = head.epoch === freshest.epoch && head.revision === freshest.revision;
  if (!isAtFreshest) return 'BEHIND';
  return isSameHead(head, freshest) ? 'IN_SYNC' : 'DIVERGED';
}

function stateOfError({ code }: CopyProblem): CopyState {
  switch (code) {
    case 'DECRYPTION_FAILED':
      return 'UNDECRYPTABLE';
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
