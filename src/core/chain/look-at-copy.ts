import { answerWithin, type Deadline } from '../deadline.ts';
import { isSameHead } from '../position.ts';
import type { CopyHead, Head, SessionStore } from '../store.ts';
import { claimChange } from './claim-change.ts';
import { judgeFollower, NEEDS_COPY, type Session } from './judge-follower.ts';
import { askStore, type StoreAnswer } from './store-survey.ts';

export interface LookRequest extends Session {
  readonly sessionId: string;
  readonly store: SessionStore;
  readonly deadline: Deadline;
  /** Where the store is known to stand, with what it was told of its completeness. */
  readonly confirmed: Head | undefined;
  readonly complete: boolean;
}

/**
 * `unchanged`: as was known. `follows`: it goes on from there, once it is claimed. `replace`: it gets a copy. `ahead`: as
 * `judgeFollower` says.
 */
export type Look =
  | { readonly kind: 'unchanged' | 'follows' | 'ahead'; readonly head: CopyHead }
  | { readonly kind: 'replace' };

/** Asks a store that was not claimed when the session was opened, or turned out to hold something else, what it has. */
export async function lookAtCopy(request: LookRequest): Promise<Look> {
  const { sessionId, store, deadline } = request;
  const found = await askStore(store, sessionId, deadline);
  if (found.kind === 'failed' && !NEEDS_COPY.has(found.error.code)) throw found.error;
  const verdict = judgeFollower(found, request);
  if (verdict === 'ahead' && found.kind === 'found') return { kind: 'ahead', head: found.head };
  if (typeof verdict !== 'string')
    return { kind: isKnown(request, verdict) ? 'unchanged' : 'follows', head: verdict };
  await distrust(request, found);
  return { kind: 'replace' };
}

const isKnown = ({ epoch, confirmed, complete }: LookRequest, found: CopyHead): boolean =>
  confirmed !== undefined &&
  isSameHead(found, confirmed) &&
  found.fence === epoch &&
  found.complete === complete;

/** Until it is replaced, nobody is to take it for the truth: if all others are lost meanwhile, it is known to be behind. */
async function distrust({ sessionId, store, epoch, deadline }: LookRequest, found: StoreAnswer) {
  if (found.kind !== 'found' || found.head.deleted || !found.head.complete) return;
  const change = claimChange({ sessionId, epoch, head: found.head, complete: false });
  await answerWithin(store.name, deadline, () => store.applyChange(change));
}
