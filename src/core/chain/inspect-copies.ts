import { answerWithin, asStoreError, type Deadline } from '../deadline.ts';
import { SessionError } from '../errors.ts';
import type { Keyring } from '../sealing/keyring.ts';
import { DATA_KEY } from '../sealing/session-key.ts';
import type { CopyView } from '../sessions/session-views.ts';
import { type CopyProblem, copyViews } from './copy-views.ts';
import type { StoreChain } from './store-chain.ts';
import { type FoundCopy, surveyStores } from './store-survey.ts';

export interface InspectionDeps {
  readonly chain: StoreChain;
  readonly keyring: Keyring;
  readonly deadline: Deadline;
}

/** What each store holds of a session, and whether a secret of ours opens it: one view a store, in chain order. */
export async function inspectCopies(
  { chain, keyring, deadline }: InspectionDeps,
  sessionId: string,
  excluded: readonly string[],
): Promise<CopyView[]> {
  const members = chain.stores.filter(({ name }) => !excluded.includes(name));
  const answers = await surveyStores(members, sessionId, deadline);
  const problems = new Map<string, CopyProblem>();

  async function tryToOpen({ store, head }: FoundCopy): Promise<void> {
    if (head.deleted) return;
    try {
      const load = () => store.loadEntries(sessionId, [DATA_KEY]);
      const wrapped = (await answerWithin(store.name, deadline, load)).get(DATA_KEY);
      if (wrapped) keyring.unwrap(sessionId, wrapped);
    } catch (cause) {
      problems.set(store.name, cause instanceof SessionError ? cause : asStoreError(store.name, cause));
    }
  }

  await Promise.all(answers.map(answer => (answer.kind === 'found' ? tryToOpen(answer) : undefined)));
  return copyViews(chain.stores, { answers, excluded, problems });
}
