import { SessionError } from '../errors.ts';
import { decodeRecord, RECORD, type SessionRecord } from '../vault/session-record.ts';
import type { Keyring } from './keyring.ts';
import { createSealer, type Sealer } from './sealer.ts';

/** The one entry that is wrapped by the keyring instead of sealed: the session's data key. */
export const DATA_KEY = 'data-key';

export interface SessionKey {
  readonly sealer: Sealer;
  /** The data key as it is kept. */
  readonly wrapped: Uint8Array;
}

/** Opens a copy by the two entries that every copy has. SESSION_CORRUPT without them, DECRYPTION_FAILED. */
export function unlockSession(
  keyring: Pick<Keyring, 'unwrap'>,
  sessionId: string,
  entries: ReadonlyMap<string, Uint8Array>,
): SessionKey & { readonly record: SessionRecord } {
  const [wrapped, sealed] = [entries.get(DATA_KEY), entries.get(RECORD)];
  if (!wrapped || !sealed) {
    throw new SessionError('SESSION_CORRUPT', `session ${sessionId} lacks its first entries`);
  }
  const sealer = createSealer(sessionId, keyring.unwrap(sessionId, wrapped));
  return { sealer, wrapped, record: decodeRecord(sealer.unseal(RECORD, '', sealed)) };
}
