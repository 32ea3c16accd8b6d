import { CREDS } from '../baileys/auth-state.ts';
import type { StoreChain } from '../chain/store-chain.ts';
import { type FoundCopy, freshestCopy, requireFreshest, type StoreAnswer } from '../chain/store-survey.ts';
import type { Deadline } from '../deadline.ts';
import { SessionError } from '../errors.ts';
import type { LeaseKeeper } from '../leases/lease-keeper.ts';
import { underLease } from '../leases/under-lease.ts';
import { comparePositions } from '../position.ts';
import type { Keyring } from '../sealing/keyring.ts';
import { unlockSession } from '../sealing/session-key.ts';
import type { Entry, Head } from '../store.ts';
import { openUnderLease } from './opened-session.ts';
import { makeSafe, readCopy } from './safe-copy.ts';
import { encodeRecord, RECORD, type SessionRecord } from './session-record.ts';

export interface RestoreRequest {
  readonly sessionId: string;
  /** Name of a store; the freshest copy where left out. */
  readonly from: string | undefined;
  readonly acceptStale: boolean;
}

interface NewestCopy {
  readonly record: SessionRecord;
  read(type: string, ids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
}

export interface RestoreDeps {
  readonly chain: StoreChain;
  readonly keyring: Keyring;
  readonly leases: LeaseKeeper;
  readonly deadline: Deadline;
  readonly cacheBytes: number;
  readonly peek: (sessionId: string) => Promise<NewestCopy | undefined>;
}

/** A restore is a new revision with old content: positions never go back (law 2). The session must not be open. */
export function createRestore(deps: RestoreDeps) {
  const { chain, keyring, deadline, peek } = deps;

  return ({ sessionId, from, acceptStale }: RestoreRequest) =>
    underLease(deps, { sessionId }, async lease => {
      const answers = await chain.survey(sessionId);
      const source = chooseSource(answers, sessionId, from);
      const known = freshestCopy(answers)?.head ?? source.head;
      const isOld = comparePositions(source.head, known) < 0;
      const isUncertain = chain.isPossiblyBehind(sessionId, answers);
      if (isOld && !acceptStale) throw tooOld(sessionId, source, known);
      if (isUncertain && !acceptStale && chain.startWithoutStores === 'refuse')
        throw uncertain(sessionId, source);
      const isStale = isOld || isUncertain;
      // Read before the line is opened: its followers would bring this very copy up to date.
      const copy = await source.store.loadSession(sessionId);
      if (!copy) throw noCopy(sessionId, source.store.name);
      const sealed = await readCopy(copy);
      const key = unlockSession(keyring, sessionId, entriesByName(sealed));
      const newest = await peek(sessionId).catch(() => undefined);
      const newerCreds = (await newest?.read(CREDS, ['']).catch(() => undefined))?.get('');
      // What somebody decided about the session since then stays decided.
      const record = newest?.record ?? key.record;
      const opened = await openUnderLease(deps, { lease, record, key, onFailure: () => {} });
      const next = isStale ? makeSafe(sealed, key.sealer, deadline.clock.now(), newerCreds) : sealed;
      const newRecord = key.sealer.seal(RECORD, '', encodeRecord(record));
      await opened.replaceAll([...next.filter(({ name }) => name !== RECORD), newRecord]);
      await opened.close();
      return { restoredFrom: source.store.name, isStale };
    });
}

const entriesByName = (entries: readonly Entry[]) => new Map(entries.map(({ name, value }) => [name, value]));

/** STORE_UNKNOWN, the store's own failure, or SESSION_NOT_FOUND where it has no copy. */
function chooseSource(
  answers: readonly StoreAnswer[],
  sessionId: string,
  from: string | undefined,
): FoundCopy {
  const named = answers.find(({ store }) => store.name === from);
  if (from !== undefined && !named) throw new SessionError('STORE_UNKNOWN', `there is no store ${from}`);
  if (named?.kind === 'failed') throw named.error;
  const source = from === undefined ? requireFreshest(answers) : named;
  if (source?.kind === 'found' && !source.head.deleted) return source;
  throw noCopy(sessionId, from ?? 'no store');
}

function noCopy(sessionId: string, where: string): SessionError {
  return new SessionError('SESSION_NOT_FOUND', `${where} holds no copy of session ${sessionId}`);
}

function tooOld(sessionId: string, { store, head }: FoundCopy, known: Head): SessionError {
  return new SessionError(
    'STORE_STALE',
    `the copy of session ${sessionId} in store ${store.name} stands at ${head.epoch}.${head.revision}, behind ` +
      `${known.epoch}.${known.revision}; to go back to it set acceptStale`,
  );
}

function uncertain(sessionId: string, { store }: FoundCopy): SessionError {
  return new SessionError(
    'STORE_STALE',
    `the copy of session ${sessionId} in store ${store.name} may be behind what its last server knew; to go on from ` +
      'it set acceptStale',
  );
}
