import { copySession } from '../chain/copy-session.ts';
import { type FoundCopy, freshestCopy } from '../chain/store-survey.ts';
import { tombstone } from '../chain/tombstone.ts';
import { answerWithin } from '../deadline.ts';
import { RECORD } from '../vault/session-record.ts';
import type { KeySurveyDeps } from './key-survey.ts';
import { fingerprintOf, type Keyring } from './keyring.ts';
import { DATA_KEY, unlockSession } from './session-key.ts';

export interface OwnCopiesDeps extends KeySurveyDeps {
  readonly keyring: Pick<Keyring, 'fingerprints' | 'unwrap'>;
}

/**
 * Of a session that another server runs: what this server has on its own disk is from when it ran here, under the
 * secret of that time, and nobody else can put that right. Where the owner has put the session under the newest secret,
 * this copy is brought up to the shared one; where the session is kept out of this store by now, it goes. True where no
 * copy of the session is under an older secret after that.
 *
 * It gives nobody a right to anything. The copy keeps its fence, which is below its epoch then: no server takes it for
 * what it wrote itself. It is not complete, since the owner goes on: it vouches for nothing.
 */
export async function renewOwnCopies(deps: OwnCopiesDeps, sessionId: string): Promise<boolean> {
  const { chain, keyring, deadline } = deps;
  if (!chain.isFleetSafe) return false;
  const answers = await chain.survey(sessionId);
  const freshest = freshestCopy(answers);
  if (!freshest || freshest.head.deleted) return false;
  const found = answers.filter(answer => answer.kind === 'found');
  const others = found.filter(copy => copy !== freshest && !copy.head.deleted);
  const load = ({ store }: FoundCopy) =>
    answerWithin(store.name, deadline, () => store.loadEntries(sessionId, [DATA_KEY, RECORD]));
  const isNewest = (entries: ReadonlyMap<string, Uint8Array>) =>
    fingerprintOf(entries.get(DATA_KEY) ?? Buffer.of()) === keyring.fingerprints[0];

  const newest = await load(freshest);
  if (!isNewest(newest)) return false;
  const { excludedStores } = unlockSession(keyring, sessionId, newest).record;
  let areAll = true;
  for (const copy of others) {
    if (isNewest(await load(copy))) continue;
    if (copy.store.leases?.scope === 'host') await renew(deps, sessionId, { copy, freshest, excludedStores });
    else areAll = false;
  }
  return areAll;
}

interface Renewal {
  readonly copy: FoundCopy;
  readonly freshest: FoundCopy;
  readonly excludedStores: readonly string[];
}

async function renew(
  { deadline }: OwnCopiesDeps,
  sessionId: string,
  { copy, freshest, excludedStores }: Renewal,
): Promise<void> {
  const { store, head } = copy;
  const { fence } = head;
  if (excludedStores.includes(store.name)) {
    const forgotten = tombstone({ sessionId, epoch: fence, head, complete: false });
    await answerWithin(store.name, deadline, () => store.replaceSession(forgotten));
  } else {
    await copySession({ sessionId, from: freshest.store, to: store, fence, complete: false, deadline });
  }
}
