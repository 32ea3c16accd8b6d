import { comparePositions } from '../position.ts';
import { type Lease, ORIGIN, type Position } from '../store.ts';
import { freshestCopy, highestEpoch, mayBeBehind, type StoreAnswer } from './store-survey.ts';

/** What this process knows of sessions that their copies may not show: an older backup tells nobody what it lacks. */
export interface SessionDoubts {
  /** Everything up to here was acknowledged: if we open the session again from less, something was lost. */
  acknowledged(sessionId: string, at: Position): void;
  /**
   * The same of what stores that servers share were seen to hold, whoever wrote it. Not of a disk of one server: what an
   * owner has there alone may have been written when it was none any more.
   */
  saw(sessionId: string, answers: readonly StoreAnswer[]): void;
  /** A lease tells its epoch before any copy does. */
  heardOf(leases: readonly Lease[]): void;
  /** A store turned out to have more than was seen when the session was opened, which was written to meanwhile. */
  diverged(sessionId: string): void;
  /** It was written anew as a whole: here it stands now. */
  resolved(sessionId: string, at: Position): void;
  /** The highest epoch that was ever heard of: a lease store that went back would issue it a second time. */
  lastEpoch(sessionId: string): number;
  /** Whether the last owner may have been ahead of the freshest of these copies: see `mayBeBehind`. */
  isPossiblyBehind(sessionId: string, answers: readonly StoreAnswer[]): boolean;
}

interface Known {
  readonly furthest: Position;
  /** Of the newest lease: whoever has it need not have written yet. */
  readonly epoch: number;
}

const NOTHING: Known = { furthest: ORIGIN, epoch: 0 };

export function createSessionDoubts(startWithoutStores: 'allow' | 'refuse'): SessionDoubts {
  const known = new Map<string, Known>();
  const unresolved = new Set<string>();
  const knownOf = (sessionId: string) => known.get(sessionId) ?? NOTHING;

  /** Only ever more: what is learnt late may be old. */
  function learn(sessionId: string, { furthest = ORIGIN, epoch = 0 }: Partial<Known>): void {
    const before = knownOf(sessionId);
    known.set(sessionId, {
      furthest: comparePositions(furthest, before.furthest) > 0 ? positionOf(furthest) : before.furthest,
      epoch: Math.max(epoch, before.epoch),
    });
  }

  function wentBack(sessionId: string, answers: readonly StoreAnswer[]): boolean {
    const found = freshestCopy(answers)?.head;
    return found !== undefined && comparePositions(found, knownOf(sessionId).furthest) < 0;
  }

  return {
    acknowledged: (sessionId, at) => learn(sessionId, { furthest: at, epoch: at.epoch }),

    saw(sessionId, answers) {
      const shared = answers.filter(({ store }) => store.leases?.scope === 'cluster');
      const found = freshestCopy(shared)?.head;
      if (found) learn(sessionId, { furthest: found, epoch: highestEpoch(shared) });
    },

    heardOf(leases) {
      for (const { sessionId, epoch } of leases)
        if (epoch > knownOf(sessionId).epoch) learn(sessionId, { epoch });
    },

    diverged: sessionId => void unresolved.add(sessionId),

    resolved(sessionId, at) {
      unresolved.delete(sessionId);
      known.set(sessionId, { ...knownOf(sessionId), furthest: positionOf(at) });
    },

    lastEpoch: sessionId => knownOf(sessionId).epoch,
    isPossiblyBehind: (sessionId, answers) =>
      unresolved.has(sessionId) || wentBack(sessionId, answers) || mayBeBehind(answers, startWithoutStores),
  };
}

const positionOf = ({ epoch, revision }: Position): Position => ({ epoch, revision });
