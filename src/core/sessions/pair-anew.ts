import { CREDS, freshCreds } from '../baileys/auth-state.ts';
import type { OpenedSession } from '../vault/opened-session.ts';
import type { SessionHistory } from '../vault/session-history.ts';
import type { SessionState } from './session-state.ts';

/** Credentials of a device that was unlinked, for whoever has to find out why. */
const ARCHIVE = 'archive';

/** The old credentials become the archive, the history goes on; nothing of the old device is mixed with the new one. */
export async function pairAnew(
  state: SessionState,
  { entries, beginAnew }: OpenedSession,
  history: SessionHistory,
): Promise<void> {
  const { loggedOutAt: _, ...record } = state.record;
  const archive = (await entries.read(CREDS, [''])).get('');
  await beginAnew(record, [
    { type: CREDS, id: '', value: freshCreds() },
    { type: ARCHIVE, id: '', value: archive },
    ...(await history.whole()),
  ]);
  state.update({ record, account: undefined });
}
