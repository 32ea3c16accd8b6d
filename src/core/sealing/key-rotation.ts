import { SessionError, StoreError } from '../errors.ts';
import { inParallel } from '../in-parallel.ts';
import type { SessionVault } from '../vault/session-vault.ts';
import { type KeySurvey, surveyKeys } from './key-survey.ts';
import type { LeftSession, RotationProgress, RotationRequest, UnreadableCopy } from './key-views.ts';
import { type OwnCopiesDeps, renewOwnCopies } from './own-copies.ts';

/** Below what clients and proxies wait for an answer. */
const CALL_MS = 5_000;
const AT_ONCE = 32;

export type RotationDeps = OwnCopiesDeps;

/** Puts one session under the newest secret; false where it is already. Rejects where that has to wait. */
export type RewrapSession = (sessionId: string) => Promise<boolean>;

/**
 * Puts sessions under the newest secret in the order of their ids. Each is one atomic change, and what is done is
 * passed over: a rotation that was killed is gone on with by beginning it again.
 */
export async function rotateKeys(
  deps: RotationDeps,
  { after = '', isVisible }: RotationRequest,
  rewrap: RewrapSession,
): Promise<RotationProgress> {
  const { clock } = deps.deadline;
  const endsAt = clock.monotonicMs() + CALL_MS;
  const survey = await surveyKeys(deps, id => id > after && isVisible(id));
  const left: LeftSession[] = survey.unreadable.map(leftBehind);
  const { done, due } = whatIsDue(survey, deps.keyring.fingerprints[0]);
  let [rewrapped, current, tried] = [0, 0, 0];

  function* untilTimeIsUp() {
    for (const id of due) {
      // At least one a call, or there would be no end to them.
      if (tried > 0 && clock.monotonicMs() >= endsAt) return;
      tried += 1;
      yield id;
    }
  }

  async function rotateOne(sessionId: string): Promise<boolean> {
    try {
      return await rewrap(sessionId);
    } catch (error) {
      const isElsewhere = codeOf(error) === 'SESSION_HELD_ELSEWHERE';
      // Where that fails as well, it is the owner that has to be waited for.
      if (isElsewhere && (await renewOwnCopies(deps, sessionId).catch(() => false))) return true;
      throw error;
    }
  }

  await inParallel(untilTimeIsUp(), AT_ONCE, async sessionId => {
    try {
      if (await rotateOne(sessionId)) rewrapped += 1;
      else current += 1;
    } catch (error) {
      // Deleted meanwhile: there is nothing left to rotate.
      if (codeOf(error) === 'SESSION_NOT_FOUND') return;
      left.push({ sessionId, code: codeOf(error), message: (error as Error).message });
    }
  });
  const [remaining, endCursor] = [due.length - tried, due[tried - 1]];
  // The others are counted by the call that comes to them.
  const passed = done.filter(id => remaining === 0 || id < (endCursor ?? ''));
  return { rewrapped, current: current + passed.length, left, remaining, endCursor };
}

/** A session that nobody runs: opened for this, under a lease that is given back. */
export function rewrapUnderLease(vault: SessionVault): RewrapSession {
  return async sessionId => {
    const opened = await vault.open({ sessionId, onFailure: () => {} });
    try {
      await opened.eraseFrom(opened.record.excludedStores);
      return await opened.rewrapKey();
    } finally {
      await opened.close();
    }
  };
}

/** One copy under an older secret is enough: opening the session brings that copy up to date. */
function whatIsDue({ copies }: KeySurvey, newest: string | undefined) {
  const ids = (some: typeof copies) => [...new Set(some.map(({ sessionId }) => sessionId))].sort();
  const due = ids(copies.filter(({ fingerprint }) => fingerprint !== newest));
  const isDue = new Set(due);
  return { done: ids(copies).filter(id => !isDue.has(id)), due };
}

const leftBehind = ({ sessionId, message }: UnreadableCopy): LeftSession => ({
  sessionId,
  code: 'STORE_UNAVAILABLE',
  message,
});

function codeOf(error: unknown): string {
  return error instanceof SessionError || error instanceof StoreError ? error.code : 'INTERNAL';
}
