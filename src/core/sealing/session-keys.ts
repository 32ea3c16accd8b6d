import { SessionError } from '../errors.ts';
import type { SessionDirectory } from '../sessions/session-directory.ts';
import type { SessionRunner } from '../sessions/session-runner.ts';
import { refuseElsewhere } from '../sessions/session-standby.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { type RotationDeps, rotateKeys } from './key-rotation.ts';
import { reportKeys, surveyKeys } from './key-survey.ts';

export interface SessionKeysDeps extends RotationDeps {
  readonly directory: Pick<SessionDirectory, 'find'>;
}

/** The secrets of the sessions that this server runs, or nobody; of others, those of its own old copies. */
export function createSessionKeys(deps: SessionKeysDeps): Pick<Sessions, 'readKeys' | 'rotateKeys'> {
  const { directory, keyring } = deps;

  async function rewrap(sessionId: string): Promise<boolean> {
    const runner = await directory.find(sessionId);
    if (!runner) throw new SessionError('SESSION_NOT_FOUND', `there is no session ${sessionId}`);
    const held = runner.holding.held();
    if (held) return held.session.rewrapKey();
    refuseElsewhere(runner.state);
    return runner.whileHalted(() => rewrapResting(runner));
  }

  async function rewrapResting({ holding }: SessionRunner): Promise<boolean> {
    const { session } = await holding.open();
    try {
      return await session.rewrapKey();
    } finally {
      await holding.letGo('close');
    }
  }

  return {
    readKeys: async isVisible => reportKeys(await surveyKeys(deps), keyring.fingerprints, isVisible),
    rotateKeys: request => rotateKeys(deps, request, rewrap),
  };
}
