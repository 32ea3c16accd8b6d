import { copySession } from '../chain/copy-session.ts';
import { freshestCopy } from '../chain/store-survey.ts';
import { answerWithin } from '../deadline.ts';
import { isSameHead } from '../position.ts';
import type { KeySurveyDeps } from './key-survey.ts';
import { fingerprintOf, type Keyring } from './keyring.ts';
import { DATA_KEY } from './session-key.ts';

export interface OwnCopiesDeps extends KeySurveyDeps {
  readonly keyring: Pick<Keyring, 'fingerprints'>;
}

/**
 * Of a session that another server runs: what this server has on its own disk is from when it ran here, under the
 * secret of that time, and nobody else can put that right. Where the owner has put the session under the newest secret,
 * this copy is brought up to the shared one. False where there was none to bring up, the owner has not, or this is no
 * fleet.
 *
 * The copy is not complete: the owner goes on, so it vouches for nothing, and nobody starts from it alone.
 */
export async function renewOwnCopies(
  { chain, keyring, deadline }: OwnCopiesDeps,
  sessionId: string,
): Promise<boolean> {
  if (!chain.isFleetSafe) return false;
  const answers = await chain.survey(sessionId);
  const freshest = freshestCopy(answers);
  if (!freshest) return false;
  const { store: from, head } = freshest;
  const entries = await answerWithin(from.name, deadline, () => from.loadEntries(sessionId, [DATA_KEY]));
  const wrapped = entries.get(DATA_KEY);
  if (!wrapped || fingerprintOf(wrapped) !== keyring.fingerprints[0]) return false;
  let isRenewed = false;
  for (const answer of answers) {
    if (answer.kind !== 'found' || answer.store.leases?.scope !== 'host') continue;
    if (answer.head.deleted || isSameHead(answer.head, head)) continue;
    await copySession({ sessionId, from, to: answer.store, fence: head.fence, complete: false, deadline });
    isRenewed = true;
  }
  return isRenewed;
}
