import type { Deletion } from '../chain/store-chain.ts';
import { freshestCopy, isForgotten, type StoreAnswer } from '../chain/store-survey.ts';
import { tombstone } from '../chain/tombstone.ts';
import { answerWithin, type Deadline } from '../deadline.ts';
import { type LeaseDeps, underLease } from '../leases/under-lease.ts';
import { nextHead } from '../position.ts';
import type { Head, SessionStore } from '../store.ts';

interface DeletionDeps extends LeaseDeps {
  readonly deadline: Deadline;
}

/**
 * Leaves a tombstone in every store, in those too that were told to forget the session. It needs no key: a session
 * that nobody can open any more can still be deleted. The session must not be open.
 */
export function deleteEverywhere(deps: DeletionDeps, sessionId: string): Promise<Deletion> {
  const { chain } = deps;
  return underLease(deps, { sessionId }, async lease => {
    const { epoch } = lease;
    const answers = await chain.survey(sessionId);
    const aside = storesAside(answers);
    const excluded = aside.map(({ name }) => name);
    const { head } = await chain.openSession({
      ...{ sessionId, epoch, excluded },
      whereDamaged: 'replace',
      onFenced: () => {},
    });
    const deletedAt = nextHead(head, epoch, []);
    const deletion = await chain.deleteSession(sessionId, deletedAt);
    if (deletion.pendingIn.length === 0) chain.abandonSession(sessionId);
    const told = await Promise.all(aside.map(store => tell(deps, store, sessionId, deletedAt)));
    await lease.release();
    return {
      deletedFrom: [...deletion.deletedFrom, ...excluded.filter((_, place) => told[place])],
      pendingIn: [...deletion.pendingIn, ...excluded.filter((_, place) => !told[place])],
    };
  });
}

/**
 * The stores where the session is not copied to, only to be deleted: those that were told to forget it, and the first
 * ones of the chain where they do not answer and another one has it. `spreadDeletion` tells those.
 */
function storesAside(answers: readonly StoreAnswer[]): SessionStore[] {
  const isForgetting = (answer: StoreAnswer) => answer.kind === 'found' && isForgotten(answer.head);
  const isSilent = (answer: StoreAnswer) =>
    answer.kind === 'failed' && answer.error.code !== 'SESSION_CORRUPT';
  const holders = answers.filter(answer => answer.kind === 'found' && !isForgetting(answer));
  if (holders.length === 0) return [];
  const begins = answers.findIndex(answer => !isSilent(answer) && !isForgetting(answer));
  return answers.filter((answer, place) => isForgetting(answer) || place < begins).map(({ store }) => store);
}

async function tell(
  { deadline }: DeletionDeps,
  store: SessionStore,
  sessionId: string,
  head: Head,
): Promise<boolean> {
  const deleted = tombstone({ sessionId, epoch: head.epoch, head, complete: true });
  return answerWithin(store.name, deadline, () => store.replaceSession(deleted)).then(
    () => true,
    () => false,
  );
}

/**
 * A store that was away when the session was deleted learns of it; the session does not come back by it (law 8).
 * Resolves to whether there was nothing left to do: it was deleted, and every store that answers knows.
 */
export async function spreadDeletion(deps: LeaseDeps, sessionId: string): Promise<boolean> {
  const { chain } = deps;
  const answers = await chain.survey(sessionId);
  if (!freshestCopy(answers)?.head.deleted) return false;
  if (!isOwed(answers)) return true;
  await underLease(deps, { sessionId }, async lease => {
    await chain.openSession({ sessionId, epoch: lease.epoch, excluded: [], onFenced: () => {} });
    await chain.closeSession(sessionId);
    await lease.release();
  });
  return false;
}

const isOwed = (answers: readonly StoreAnswer[]): boolean =>
  answers.some(answer => answer.kind === 'found' && !answer.head.deleted);
