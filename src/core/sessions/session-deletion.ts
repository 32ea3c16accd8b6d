import type { Deletion } from '../chain/store-chain.ts';
import { freshestCopy, type StoreAnswer } from '../chain/store-survey.ts';
import { type LeaseDeps, underLease } from '../leases/under-lease.ts';
import { nextHead } from '../position.ts';

/**
 * Leaves a tombstone in every store, in those too that were told to forget the session. It needs no key: a session
 * that nobody can open any more can still be deleted. The session must not be open.
 */
export function deleteEverywhere(deps: LeaseDeps, sessionId: string): Promise<Deletion> {
  const { chain } = deps;
  return underLease(deps, { sessionId }, async lease => {
    const { epoch } = lease;
    const { head } = await chain.openSession({
      sessionId,
      epoch,
      excluded: [],
      whereDamaged: 'replace',
      onFenced: () => {},
    });
    const tombstone = nextHead(head, epoch, []);
    const deletion = await chain.deleteSession(sessionId, tombstone);
    if (deletion.pendingIn.length === 0) chain.abandonSession(sessionId);
    await lease.release();
    return deletion;
  });
}

/**
 * A store that was away when the session was deleted learns of it; the session does not come back by it (law 8).
 * Resolves to whether there was nothing left to do: it was deleted, and every store answers that it knows.
 */
export async function spreadDeletion(deps: LeaseDeps, sessionId: string): Promise<boolean> {
  const { chain } = deps;
  const answers = await chain.survey(sessionId);
  if (!freshestCopy(answers)?.head.deleted) return false;
  if (!isOwed(answers)) return answers.every(({ kind }) => kind !== 'failed');
  await underLease(deps, { sessionId }, async lease => {
    await chain.openSession({ sessionId, epoch: lease.epoch, excluded: [], onFenced: () => {} });
    await chain.closeSession(sessionId);
    await lease.release();
  });
  return false;
}

const isOwed = (answers: readonly StoreAnswer[]): boolean =>
  answers.some(answer => answer.kind === 'found' && !answer.head.deleted);
