import { readAccount } from '../baileys/account.ts';
import { CREDS } from '../baileys/auth-state.ts';
import { decodeCreds } from '../baileys/codec.ts';
import type { Known } from '../sessions/session-state.ts';
import type { SessionStatus } from '../sessions/session-views.ts';
import type { SessionRecord } from './session-record.ts';
import type { SessionVault } from './session-vault.ts';

/** What the stores tell of a session that this server does not run. Undefined where none has it. */
export async function lookAt(vault: SessionVault, sessionId: string): Promise<Known | undefined> {
  const peeked = await vault.peek(sessionId);
  if (!peeked) return undefined;
  const { head, record } = peeked;
  const creds = (await peeked.read(CREDS, [''])).get('');
  const account = creds && readAccount(decodeCreds(creds));
  return { record, account, position: () => head, heldBy: undefined };
}

/** What it is called while nobody runs it. */
export function restingStatus(record: SessionRecord): SessionStatus {
  return record.loggedOutAt === undefined ? 'STOPPED' : 'LOGGED_OUT';
}
