import { answerWithin, type Deadline } from '../deadline.ts';
import type { Change, CopyHead, Head, SessionStore } from '../store.ts';
import { claimChange } from './claim-change.ts';
import { copySession } from './copy-session.ts';
import { NEEDS_COPY } from './judge-follower.ts';
import { askStore, type StoreAnswer } from './store-survey.ts';

export interface CallsOptions {
  readonly sessionId: string;
  readonly store: SessionStore;
  readonly base: SessionStore;
  /** Under which everything is written. */
  readonly epoch: number;
  readonly deadline: Deadline;
}

/** What a follower asks of its store; each rejects where no answer comes in time. */
export function createFollowerCalls({ sessionId, store, base, epoch, deadline }: CallsOptions) {
  const apply = (change: Change) => answerWithin(store.name, deadline, () => store.applyChange(change));
  const claim = (head: Head, complete: boolean) => claimChange({ sessionId, epoch, head, complete });

  return {
    apply,
    claim,

    /** Damage is an answer. */
    async look(): Promise<StoreAnswer> {
      const found = await askStore(store, sessionId, deadline);
      if (found.kind === 'failed' && !NEEDS_COPY.has(found.error.code)) throw found.error;
      return found;
    },

    /** Until it is replaced, nobody is to take it for the truth: if all others are lost meanwhile, it is known to be behind. */
    async distrust(head: CopyHead): Promise<void> {
      if (!head.deleted && head.complete) await apply(claim(head, false));
    },

    /** `least`: what the base is known to have had. */
    copyBase: (copy: { complete: boolean; least: Head; onMove: () => void }): Promise<Head> =>
      copySession({ sessionId, from: base, to: store, fence: epoch, deadline, ...copy }),
  };
}
