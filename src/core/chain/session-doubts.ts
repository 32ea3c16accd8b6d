import { comparePositions } from '../position.ts';
import type { Position } from '../store.ts';
import { freshestCopy, mayBeBehind, type StoreAnswer } from './store-survey.ts';

/** What this process knows of sessions that their copies may not show. */
export interface SessionDoubts {
  /** Everything up to here was acknowledged: if we open the session again from less, something was lost. */
  acknowledged(sessionId: string, at: Position): void;
  /** A store turned out to have more than was seen when the session was opened, which was written to meanwhile. */
  diverged(sessionId: string): void;
  /** It was written anew as a whole. */
  resolved(sessionId: string): void;
  /** It was let go of in peace, and others may have it. */
  closed(sessionId: string): void;
  /** Whether the last owner may have been ahead of the freshest of these copies: see `mayBeBehind`. */
  isPossiblyBehind(sessionId: string, answers: readonly StoreAnswer[]): boolean;
}

export function createSessionDoubts(startWithoutStores: 'allow' | 'refuse'): SessionDoubts {
  const furthest = new Map<string, Position>();
  const unresolved = new Set<string>();

  function wentBack(sessionId: string, answers: readonly StoreAnswer[]): boolean {
    const [found, known] = [freshestCopy(answers)?.head, furthest.get(sessionId)];
    return found !== undefined && known !== undefined && comparePositions(found, known) < 0;
  }

  return {
    acknowledged: (sessionId, { epoch, revision }) => void furthest.set(sessionId, { epoch, revision }),
    diverged: sessionId => void unresolved.add(sessionId),
    resolved: sessionId => void unresolved.delete(sessionId),
    closed: sessionId => void furthest.delete(sessionId),
    isPossiblyBehind: (sessionId, answers) =>
      unresolved.has(sessionId) || wentBack(sessionId, answers) || mayBeBehind(answers, startWithoutStores),
  };
}
