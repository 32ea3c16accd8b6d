import { readAccount } from '../baileys/account.ts';
import { CREDS } from '../baileys/auth-state.ts';
import { decodeCreds } from '../baileys/codec.ts';
import { SIGNAL_KEY_TYPES } from '../baileys/multi-file-names.ts';
import type { StoreChain } from '../chain/store-chain.ts';
import { freshestCopy } from '../chain/store-survey.ts';
import type { Clock } from '../clock.ts';
import { SessionError } from '../errors.ts';
import { createLeaseKeeper } from '../leases/lease-keeper.ts';
import { underLease } from '../leases/under-lease.ts';
import { readSessionId } from '../sessions/session-id.ts';
import type { SessionVault } from './session-vault.ts';

/** Not this server's own name, which would get the lease from a session that runs. */
const HOLDER = 'export';

export interface ExportedEntry {
  readonly type: string;
  readonly id: string;
  /** In Baileys' encoding. */
  readonly value: Uint8Array;
}

export interface SessionExportDeps {
  readonly chain: StoreChain;
  readonly clock: Clock;
  readonly vault: SessionVault;
}

/**
 * What Baileys needs to go on with a session elsewhere: its credentials, which come first, and its signal keys. Under
 * the lease, so that nobody runs it meanwhile. SESSION_NOT_FOUND, SESSION_HELD_ELSEWHERE, STORE_UNAVAILABLE where a
 * store that may know more is silent, STORE_STALE where no copy is known to be whole.
 */
export async function readForExport(deps: SessionExportDeps, sessionId: string): Promise<ExportedEntry[]> {
  const { chain, vault, clock } = deps;
  const leases = createLeaseKeeper({ chain, clock, holder: HOLDER });
  if (!(await vault.peek(readSessionId(sessionId)))) throw notFound(sessionId);
  return underLease({ chain, leases }, { sessionId }, async lease => {
    await checkFreshness(chain, sessionId);
    const [peeked, copy] = await Promise.all([vault.peek(sessionId), chain.loadSession(sessionId)]);
    if (!peeked || !copy) throw notFound(sessionId);
    const entries: ExportedEntry[] = [];
    for await (const { name, value } of copy.entries) {
      const [type = ''] = name.split(':');
      if (type === CREDS) entries.unshift(peeked.sealer.identify(name, value));
      else if (SIGNAL_KEY_TYPES.includes(type)) entries.push(peeked.sealer.identify(name, value));
    }
    await lease.release();
    const [creds] = entries;
    const isLinked = creds?.type === CREDS && readAccount(decodeCreds(creds.value)) !== undefined;
    if (isLinked && peeked.record.loggedOutAt === undefined) return entries;
    throw new SessionError(
      'BAD_USER_INPUT',
      `session ${sessionId} is not linked: there is no login to export`,
    );
  });
}

/** An old copy would use its ratchets a second time, where nobody could make it safe any more. */
async function checkFreshness(chain: StoreChain, sessionId: string): Promise<void> {
  const answers = await chain.survey(sessionId);
  const silent = answers.find(answer => answer.kind === 'failed');
  if (silent?.kind === 'failed') throw silent.error;
  if (freshestCopy(answers) && !chain.isPossiblyBehind(sessionId, answers)) return;
  throw new SessionError(
    'STORE_STALE',
    `no copy of session ${sessionId} is known to be its newest; start it here once, which makes it safe`,
  );
}

function notFound(sessionId: string): SessionError {
  return new SessionError('SESSION_NOT_FOUND', `there is no session ${sessionId}`);
}
