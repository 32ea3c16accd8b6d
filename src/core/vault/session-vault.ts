import { inspectCopies } from '../chain/inspect-copies.ts';
import type { StoreChain } from '../chain/store-chain.ts';
import { freshestCopy, requireFreshest, type StoreAnswer } from '../chain/store-survey.ts';
import type { Deadline } from '../deadline.ts';
import { SessionError } from '../errors.ts';
import type { KeptLease, LeaseKeeper, WhereHeld } from '../leases/lease-keeper.ts';
import { underLease } from '../leases/under-lease.ts';
import type { Keyring } from '../sealing/keyring.ts';
import { createSealer, newDataKey, type Sealer } from '../sealing/sealer.ts';
import { DATA_KEY, type SessionKey, unlockSession } from '../sealing/session-key.ts';
import type { CopyView } from '../sessions/session-views.ts';
import type { CopyHead } from '../store.ts';
import { type OpenedSession, openUnderLease } from './opened-session.ts';
import { createRestore, type RestoreRequest } from './restore-session.ts';
import { makeSafe, readCopy } from './safe-copy.ts';
import type { PlainEntryChange } from './session-entries.ts';
import { RECORD, type SessionRecord } from './session-record.ts';

/** Opens sessions: lease, freshest copy, data key, entries. */
export interface SessionVault {
  /**
   * Makes a session that no store has. STORE_UNAVAILABLE, naming it, where a store cannot be asked: a store that is
   * down is not a store that is empty.
   */
  create(request: CreateRequest): Promise<OpenedSession>;
  /** SESSION_NOT_FOUND, SESSION_HELD_ELSEWHERE, DECRYPTION_FAILED, or what the stores say. */
  open(request: OpenRequest): Promise<OpenedSession>;
  /**
   * Makes the copy of one store the newest state, as a new revision. STORE_STALE where that copy is behind what is
   * known and `acceptStale` is not set, or may be where no server starts without its stores; what is accepted, and what
   * may be behind, is made safe first. The session must not be open.
   */
  restore(request: RestoreRequest): Promise<{ readonly restoredFrom: string; readonly isStale: boolean }>;
  /** Looks without taking the lease. Undefined where no store has the session. */
  peek(sessionId: string): Promise<PeekedSession | undefined>;
  /** One view a store, in chain order. */
  inspect(sessionId: string, excludedStores: readonly string[]): Promise<CopyView[]>;
}

export interface OpenRequest {
  readonly sessionId: string;
  readonly whereHeld?: WhereHeld;
  /** A store failed for good, or somebody newer owns the session: called before anyone else learns of it. */
  readonly onFailure: (error: Error) => void;
}

export interface CreateRequest extends OpenRequest {
  readonly record: SessionRecord;
  /** First entries beside the record. */
  readonly entries: readonly PlainEntryChange[];
  /** `refuse`, with SESSION_NOT_FOUND: what was deleted is not brought back from elsewhere (law 8). */
  readonly whereDeleted?: 'begin-anew' | 'refuse';
}

export interface PeekedSession extends SessionKey {
  readonly head: CopyHead;
  readonly record: SessionRecord;
  /** As of an open session; nothing is cached. */
  read(type: string, ids: readonly string[]): Promise<Map<string, Uint8Array>>;
}

export interface SessionVaultOptions {
  readonly chain: StoreChain;
  readonly keyring: Keyring;
  readonly leases: LeaseKeeper;
  readonly deadline: Deadline;
  readonly cacheBytes: number;
}

export function createSessionVault(options: SessionVaultOptions): SessionVault {
  const { chain, keyring, deadline } = options;

  async function create(request: CreateRequest): Promise<OpenedSession> {
    const { sessionId, record, onFailure } = request;
    return underLease(options, { sessionId }, async lease => {
      // Asked under the lease: somebody else may just have made it, and a session that exists is never overwritten.
      const known = freshestCopy(await askAll(sessionId, record.excludedStores));
      if (known?.head.deleted && request.whereDeleted === 'refuse') {
        throw new SessionError('SESSION_NOT_FOUND', `session ${sessionId} was deleted`);
      }
      const existing = known ? await peek(sessionId) : undefined;
      if (existing) return openFound(lease, existing, request);
      const dataKey = newDataKey();
      const key = { sealer: createSealer(sessionId, dataKey), wrapped: keyring.wrap(sessionId, dataKey) };
      const opened = await openUnderLease(options, { lease, record, key, onFailure });
      await opened.beginAnew(record, request.entries);
      return opened;
    });
  }

  async function open(request: OpenRequest): Promise<OpenedSession> {
    const { sessionId } = request;
    return underLease(options, request, async lease => {
      const found = await peek(sessionId);
      if (!found) throw new SessionError('SESSION_NOT_FOUND', `there is no session ${sessionId}`);
      return openFound(lease, found, request);
    });
  }

  async function openFound(
    lease: KeptLease,
    found: PeekedSession,
    { sessionId, onFailure }: OpenRequest,
  ): Promise<OpenedSession> {
    const opened = await openUnderLease(options, { lease, record: found.record, key: found, onFailure });
    if (opened.isPossiblyBehind) await makeBehindSafe(sessionId, opened, found.sealer);
    return opened;
  }

  async function makeBehindSafe(sessionId: string, opened: OpenedSession, sealer: Sealer): Promise<void> {
    if (chain.startWithoutStores === 'refuse') {
      throw new SessionError(
        'STORE_STALE',
        `the copy of session ${sessionId} may be behind what its last server knew; restore it with acceptStale`,
      );
    }
    const copy = await chain.loadSession(sessionId);
    if (copy) await opened.replaceAll(makeSafe(await readCopy(copy), sealer, deadline.clock.now()));
  }

  /** Law 5: absence has to be said by every store that may hold the session. */
  async function askAll(sessionId: string, excluded: readonly string[]): Promise<StoreAnswer[]> {
    const answers = await chain.survey(sessionId);
    for (const answer of answers) {
      if (answer.kind !== 'failed' || excluded.includes(answer.store.name)) continue;
      throw new SessionError(
        'STORE_UNAVAILABLE',
        `store ${answer.store.name} cannot be asked whether it has session ${sessionId}; ` +
          'wait for it, or exclude it from this session',
        { cause: answer.error },
      );
    }
    return answers;
  }

  async function peek(sessionId: string): Promise<PeekedSession | undefined> {
    const freshest = requireFreshest(await chain.survey(sessionId));
    if (!freshest || freshest.head.deleted) return undefined;
    const values = await chain.loadEntries(sessionId, [DATA_KEY, RECORD]);
    const unlocked = unlockSession(keyring, sessionId, values);
    const { sealer } = unlocked;
    return {
      head: freshest.head,
      ...unlocked,
      async read(type, ids) {
        const idsByName = new Map(ids.map(id => [sealer.nameOf(type, id), id]));
        const blobs = await chain.loadEntries(sessionId, [...idsByName.keys()]);
        return new Map(
          [...blobs].map(([name, blob]) => [idsByName.get(name) ?? '', sealer.identify(name, blob).value]),
        );
      },
    };
  }

  const restore = createRestore({ ...options, peek });
  return { create, open, restore, peek, inspect: (...asked) => inspectCopies(options, ...asked) };
}
