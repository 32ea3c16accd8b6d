import type { SignalDataSet, SignalDataTypeMap, SignalKeyStore } from '@whiskeysockets/baileys';
import { readRatchetHeader } from './envelope.ts';
import { UncertainCommit } from './uncertain-commit.ts';

/** As libsignal stores it: the open signal session with an address, and those that were closed, by base key. */
interface SessionRecord {
  readonly _sessions: Readonly<Record<string, StoredSession>>;
  readonly version: string;
}

interface StoredSession {
  readonly indexInfo: { readonly used?: number };
  readonly _chains: Readonly<Record<string, StoredChain>>;
}

interface StoredChain {
  readonly chainType: number;
  readonly chainKey: { readonly counter: number };
  readonly messageKeys: Readonly<Record<string, string>>;
}

const RECEIVING = 2;

/** Baileys knows a duplicate by this text, and tells the server that it has the message (ack 487). */
const DUPLICATE = 'Key used already or never filled';

/** A message that was read before came once more: that nobody reads it again is as it should be. */
export function isReplay(error: unknown): boolean {
  return error instanceof Error && error.message === DUPLICATE;
}

/**
 * Shows libsignal one signal session of a record at a time while it decrypts.
 *
 * libsignal 6 tries a message with every session of the record, and steps the ratchet of each *before* it checks
 * whether the message was meant for it. What fails is stored all the same: a message under an old session that
 * arrives after a new one was opened breaks the new one, and what is sent under it can't be read ("Bad MAC").
 * (The reference implementation tries on a copy.) It also reports a message it has read before as "no matching
 * sessions", which makes the client ask for it again.
 */
export interface OneSessionAtATime {
  /** The key store to give to libsignal. */
  readonly keys: SignalKeyStore;
  /** `attempt` decrypts one `msg`, on `keys`, and leaves nothing written where it rejects. */
  decrypt<T>(ciphertext: Uint8Array, attempt: () => Promise<T>): Promise<T>;
}

interface Focus {
  readonly ratchetKey: string;
  readonly counter: number;
  readonly place: number;
  record?: SessionRecord;
  candidates: readonly string[];
}

export function oneSessionAtATime(keys: SignalKeyStore): OneSessionAtATime {
  let focus: Focus | undefined;

  function show(record: SessionRecord, on: Focus): SessionRecord {
    on.record = record;
    on.candidates = candidatesFor(record, on.ratchetKey);
    const name = on.candidates[on.place];
    const session = name === undefined ? undefined : record._sessions[name];
    return session && name !== undefined ? { ...record, _sessions: { [name]: session } } : record;
  }

  return {
    keys: {
      async get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
        const found = await keys.get(type, ids);
        const on = focus;
        if (type !== 'session' || !on) return found;
        const shown = Object.entries(found).map(([id, record]) => [
          id,
          show(record as unknown as SessionRecord, on),
        ]);
        return Object.fromEntries(shown) as typeof found;
      },
      set: data => keys.set(focus?.record ? withTheOthers(data, focus.record) : data),
    },

    async decrypt(ciphertext, attempt) {
      const header = readRatchetHeader(ciphertext);
      for (let place = 0; ; place += 1) {
        const on: Focus = { ...header, place, candidates: [] };
        focus = on;
        try {
          return await attempt();
        } catch (error) {
          // It was read: no other session is to be tried, and it is no duplicate, although its key is gone.
          if (error instanceof UncertainCommit) throw error;
          if (isDuplicate(on)) throw new Error(DUPLICATE, { cause: error });
          if (place + 1 >= on.candidates.length) throw error;
        } finally {
          focus = undefined;
        }
      }
    },
  };
}

/** A session that knows the message's ratchet key is the one; else each may be, the last used one first. */
function candidatesFor({ _sessions }: SessionRecord, ratchetKey: string): string[] {
  const names = Object.keys(_sessions);
  const knowing = names.filter(name => _sessions[name]?._chains[ratchetKey]?.chainType === RECEIVING);
  if (knowing.length > 0) return knowing;
  const usedAt = (name: string) => _sessions[name]?.indexInfo.used ?? 0;
  return names.sort((a, b) => usedAt(b) - usedAt(a));
}

/** The chain has passed this message, and its key is not among those it kept for later: it was read before. */
function isDuplicate({ record, ratchetKey, counter, candidates, place }: Focus): boolean {
  const chain = record?._sessions[candidates[place] ?? '']?._chains[ratchetKey];
  if (chain?.chainType !== RECEIVING) return false;
  return counter <= chain.chainKey.counter && !(counter in chain.messageKeys);
}

function withTheOthers(data: SignalDataSet, hidden: SessionRecord): SignalDataSet {
  if (!data.session) return data;
  const session = Object.entries(data.session).map(([id, value]) => {
    const record = value as unknown as SessionRecord | null;
    return [id, record && { ...record, _sessions: { ...hidden._sessions, ...record._sessions } }];
  });
  return { ...data, session: Object.fromEntries(session) };
}
