import { type Deadline, withinDeadline } from './deadline.ts';
import { SessionError, StoreError } from './errors.ts';
import type { Keyring } from './keyring.ts';
import { createSealer, newDataKey, type Sealer } from './sealer.ts';
import { createSessionEntries, type PlainEntryChange, type SessionEntries } from './session-entries.ts';
import { decodeRecord, encodeRecord, RECORD, type SessionRecord } from './session-record.ts';
import { createSessionWriter } from './session-writer.ts';
import type { Head, Lease } from './store.ts';
import type { StoreChain } from './store-chain.ts';
import { freshestCopy } from './store-survey.ts';

/** The one entry that is wrapped by the keyring instead of sealed: the session's data key. */
const DATA_KEY = 'data-key';

/** Opens sessions: lease, freshest copy, data key, entries. */
export interface SessionVault {
  /**
   * Makes a session that no store has. STORE_UNAVAILABLE, naming it, where a store cannot be asked: a store that is
   * down is not a store that is empty.
   */
  create(request: CreateRequest): Promise<OpenedSession>;
  /** SESSION_NOT_FOUND, SESSION_HELD_ELSEWHERE, DECRYPTION_FAILED, or what the stores say. */
  open(request: OpenRequest): Promise<OpenedSession>;
  /** Looks without taking the lease. Undefined where no store has the session. */
  peek(sessionId: string): Promise<PeekedSession | undefined>;
}

export interface OpenRequest {
  readonly sessionId: string;
  /** A store failed for good, or somebody newer owns the session: called before anyone else learns of it. */
  readonly onFailure: (error: Error) => void;
}

export interface CreateRequest extends OpenRequest {
  readonly record: SessionRecord;
  /** First entries beside the record. */
  readonly entries: readonly PlainEntryChange[];
}

export interface OpenedSession {
  readonly entries: SessionEntries;
  readonly record: SessionRecord;
  /** Forgets every entry but the data key and begins again with these: a new pairing under the same id. */
  beginAnew(record: SessionRecord, entries: readonly PlainEntryChange[]): Promise<void>;
  /** Lets every store catch up, as far as it answers, and gives the lease back. */
  close(): Promise<void>;
  /** Stops at once and writes nothing more; the lease is given back. */
  abandon(): Promise<void>;
}

interface SessionKey {
  readonly sealer: Sealer;
  /** The data key as it is kept. */
  readonly wrapped: Uint8Array;
}

export interface PeekedSession {
  readonly head: Head;
  readonly updatedAt: number;
  readonly record: SessionRecord;
  read(type: string): Promise<Uint8Array | undefined>;
}

export interface SessionVaultOptions {
  readonly chain: StoreChain;
  readonly keyring: Keyring;
  /** Instance id of this server. */
  readonly holder: string;
  readonly deadline: Deadline;
  readonly cacheBytes: number;
}

export function createSessionVault(options: SessionVaultOptions): SessionVault {
  const { chain, keyring, holder, deadline, cacheBytes } = options;

  async function create(request: CreateRequest): Promise<OpenedSession> {
    const { sessionId, record } = request;
    await refuseUnasked(sessionId, record.excludedStores);
    const dataKey = newDataKey();
    return withLease(sessionId, async lease => {
      // Somebody else may have made it between the look and the lease; a session that exists is never overwritten.
      const existing = await load(sessionId);
      if (existing) return openLine(request, lease, existing.record, existing);
      const key = { sealer: createSealer(sessionId, dataKey), wrapped: keyring.wrap(sessionId, dataKey) };
      const opened = await openLine(request, lease, record, key);
      await opened.beginAnew(record, request.entries);
      return opened;
    });
  }

  async function open(request: OpenRequest): Promise<OpenedSession> {
    const { sessionId } = request;
    return withLease(sessionId, async lease => {
      const found = await load(sessionId);
      if (!found) throw new SessionError('SESSION_NOT_FOUND', `there is no session ${sessionId}`);
      return openLine(request, lease, found.record, found);
    });
  }

  async function withLease<T>(sessionId: string, use: (lease: Lease) => Promise<T>): Promise<T> {
    const lease = await chain.leases.acquireLease({ sessionId, holder, above: 0 });
    try {
      return await use(lease);
    } catch (error) {
      chain.abandonSession(sessionId);
      await chain.leases.releaseLease(lease).catch(() => {});
      throw error;
    }
  }

  async function openLine(request: OpenRequest, lease: Lease, record: SessionRecord, key: SessionKey) {
    const { sessionId } = request;
    const { epoch } = lease;
    const { sealer, wrapped } = key;
    const onFenced = (error: StoreError) => writer.revoke(error);
    const head = await chain.openSession({ sessionId, epoch, excluded: record.excludedStores, onFenced });
    const writer = createSessionWriter({
      sessionId,
      epoch,
      head,
      apply: change =>
        withinDeadline(`writing session ${sessionId}`, deadline, () => chain.applyChange(change)),
      applyReplacement: replacement =>
        withinDeadline(`writing session ${sessionId}`, deadline, () => chain.replaceSession(replacement)),
      onFailure: request.onFailure,
    });
    const load = (names: readonly string[]) => chain.loadEntries(sessionId, names);
    const entries = createSessionEntries({ sessionId, sealer, writer, load, deadline, cacheBytes });

    function beginAnew(next: SessionRecord, others: readonly PlainEntryChange[]): Promise<void> {
      const first = { type: RECORD, id: '', value: encodeRecord(next) };
      return entries.replace([first, ...others], [{ name: DATA_KEY, value: wrapped }]);
    }

    async function abandon(): Promise<void> {
      writer.close(new StoreError('STORE_CLOSED', 'chain', `session ${sessionId} was closed`));
      chain.abandonSession(sessionId);
      await chain.leases.releaseLease(lease).catch(() => {});
    }

    async function close(): Promise<void> {
      await writer.flush().catch(() => {});
      await chain.closeSession(sessionId);
      await abandon();
    }

    return { entries, record, beginAnew, abandon, close };
  }

  /** Law 5: absence has to be said by every store that may hold the session. */
  async function refuseUnasked(sessionId: string, excluded: readonly string[]): Promise<void> {
    for (const answer of await chain.survey(sessionId)) {
      if (answer.kind !== 'failed' || excluded.includes(answer.store.name)) continue;
      throw new SessionError(
        'STORE_UNAVAILABLE',
        `store ${answer.store.name} cannot be asked whether it has session ${sessionId}; ` +
          'wait for it, or exclude it from this session',
        { cause: answer.error },
      );
    }
  }

  async function load(sessionId: string) {
    const freshest = freshestCopy(await chain.survey(sessionId));
    const names = [DATA_KEY, RECORD];
    const values = await chain.loadEntries(sessionId, names);
    const [wrapped, sealed] = names.map(name => values.get(name));
    if (!freshest || freshest.head.deleted) return undefined;
    if (!wrapped || !sealed)
      throw new SessionError('SESSION_CORRUPT', `session ${sessionId} lacks its first entries`);
    const sealer = createSealer(sessionId, keyring.unwrap(sessionId, wrapped));
    return { head: freshest.head, sealer, wrapped, record: decodeRecord(sealer.unseal(RECORD, '', sealed)) };
  }

  async function peek(sessionId: string): Promise<PeekedSession | undefined> {
    const found = await load(sessionId);
    if (!found) return undefined;
    const { head, record, sealer } = found;
    return {
      head,
      updatedAt: head.updatedAt,
      record,
      async read(type) {
        const name = sealer.nameOf(type, '');
        const sealed = (await chain.loadEntries(sessionId, [name])).get(name);
        return sealed && sealer.unseal(type, '', sealed);
      },
    };
  }

  return { create, open, peek };
}
