import { comparePositions } from '../position.ts';
import { ORIGIN, type Position } from '../store.ts';
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
  /** A store turned out to have more than was seen when the session was opened, which was written to meanwhile. */
  diverged(sessionId: string): void;
  /** It was written anew as a whole. */
  resolved(sessionId: string): void;
  /** The highest epoch that it is known to have had: a lease store that went back would issue it a second time. */
  lastEpoch(sessionId: string): number;
  /** Whether the last owner may have been ahead of the freshest of these copies: see `mayBeBehind`. */
  isPossiblyBehind(sessionId: string, answers: readonly StoreAnswer[]): boolean;
}

interface Known {
  readonly furthest: Position;
  /** Under which it was claimed; its owner need not have written since. */
  readonly epoch: number;
}

const NOTHING: Known = { furthest: ORIGIN, epoch: 0 };

export function createSessionDoubts(startWithoutStores: 'allow' | 'refuse'): SessionDoubts {
  const known = new Map<string, Known>();
  const unresolved = new Set<string>();
  const knownOf = (sessionId: string) => known.get(sessionId) ?? NOTHING;

  function wentBack(sessionId: string, answers: readonly StoreAnswer[]): boolean {
    const { furthest, epoch } = knownOf(sessionId);
    const found = freshestCopy(answers)?.head;
    return found !== undefined && (comparePositions(found, furthest) < 0 || highestEpoch(answers) < epoch);
  }

  return {
    acknowledged(sessionId, { epoch, revision }) {
      known.set(sessionId, { furthest: { epoch, revision }, epoch });
    },

    saw(sessionId, answers) {
      const shared = answers.filter(({ store }) => store.leases?.scope === 'cluster');
      const found = freshestCopy(shared)?.head;
      if (!found) return;
      const { furthest, epoch } = knownOf(sessionId);
      known.set(sessionId, {
        furthest: comparePositions(found, furthest) > 0 ? positionOf(found) : furthest,
        epoch: Math.max(epoch, highestEpoch(shared)),
      });
    },

    diverged: sessionId => void unresolved.add(sessionId),
    resolved: sessionId => void unresolved.delete(sessionId),
    lastEpoch: sessionId => knownOf(sessionId).epoch,
    isPossiblyBehind: (sessionId, answers) =>
      unresolved.has(sessionId) || wentBack(sessionId, answers) || mayBeBehind(answers, startWithoutStores),
  };
}

const positionOf = ({ epoch, revision }: Position): Position => ({ epoch, revision });
