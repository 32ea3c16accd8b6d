import { type AuthState, CREDS, freshCreds, openAuthState } from '../core/baileys/auth-state.ts';
import { SessionError } from '../core/errors.ts';
import type { OpenedSession } from '../core/vault/opened-session.ts';
import type { SessionRecord } from '../core/vault/session-record.ts';
import type { LocalVault } from './local-vault.ts';

/** A session that this process holds, and the one socket that may use it. */
export interface BotSession {
  /** Why nothing is saved any more. */
  failure(): Error | undefined;
  /** What the next socket is given; what was given before is revoked. */
  renew(onFailure: (error: Error) => void): Promise<AuthState>;
  startOver(): Promise<void>;
  close(): Promise<void>;
}

export async function openBotSession(vault: LocalVault, sessionId: string): Promise<BotSession> {
  let failure: Error | undefined;
  let handle: AuthState | undefined;
  let tell = (_error: Error) => {};
  const opened = await openOrMake(vault, sessionId, error => {
    failure = error;
    handle?.revoke(error);
    tell(error);
  });
  const revoke = (why: string) => handle?.revoke(new SessionError('SESSION_NOT_CONNECTED', why));

  return {
    failure: () => failure,
    async renew(onFailure) {
      revoke(`session ${sessionId} was opened anew`);
      tell = onFailure;
      await opened.entries.flush();
      handle = await openAuthState(opened.entries);
      return handle;
    },
    async startOver() {
      revoke(`the login of session ${sessionId} was forgotten`);
      await opened.beginAnew(opened.record, [firstCreds()]);
    },
    async close() {
      await (failure ? opened.abandon() : opened.close());
      revoke(`session ${sessionId} was closed`);
    },
  };
}

const firstCreds = () => ({ type: CREDS, id: '', value: freshCreds() });

/** Fresh credentials only where every store has said that there are none, and no older program left any (law 5). */
async function openOrMake(
  { vault, imports }: LocalVault,
  sessionId: string,
  onFailure: (error: Error) => void,
): Promise<OpenedSession> {
  const open = () => vault.open({ sessionId, onFailure });
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof SessionError) || error.code !== 'SESSION_NOT_FOUND') throw error;
  }
  if (await imports.take(sessionId, [])) return open();
  const record: SessionRecord = { createdAt: Date.now(), desiredState: 'RUNNING', excludedStores: [] };
  return vault.create({ sessionId, record, entries: [firstCreds()], onFailure });
}
