import type { DesiredState } from '../sessions/session-views.ts';

/** What we know of a session beside its WhatsApp state: one ordinary entry, sealed and copied like any other. */
export interface SessionRecord {
  readonly createdAt: number;
  readonly desiredState: DesiredState;
  /** Names of stores that must not hold this session. */
  readonly excludedStores: readonly string[];
  readonly lastConnectedAt?: number;
  /** Instance id of the server that connected it last. */
  readonly lastServer?: string;
  /** Set when the phone or WhatsApp unlinked the device; its credentials are kept until a new pairing begins. */
  readonly loggedOutAt?: number;
}

export const RECORD = 'record';

export function encodeRecord(record: SessionRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

export function decodeRecord(bytes: Uint8Array): SessionRecord {
  return JSON.parse(Buffer.from(bytes).toString());
}
