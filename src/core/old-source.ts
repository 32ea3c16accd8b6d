import type { PlainEntryChange } from './vault/session-entries.ts';

/** A place where an older program left sessions. It is read and never changed. */
export interface OldSource {
  /** What a person calls it, in logs and messages. */
  readonly name: string;
  /** Name of the store that is on the same server: whoever excludes that one does without this one while it is down. */
  readonly store?: string;
  /** Rejects where the place cannot be looked into. */
  list(): Promise<OldListing>;
  /**
   * Undefined where it holds no linked session of that id. SESSION_CORRUPT where what it holds cannot be read,
   * DECRYPTION_FAILED where no secret opens it, STORE_UNAVAILABLE where it cannot be asked.
   */
  load(sessionId: string): Promise<OldSession | undefined>;
}

export interface OldListing {
  readonly sessionIds: readonly string[];
  /** What looks like a session and cannot become one. */
  readonly unusable: readonly { readonly place: string; readonly why: string }[];
}

export interface OldSession {
  /** Where exactly it was found. */
  readonly place: string;
  /** `credentials-only`: no signal keys were ever saved there, so conversations begin anew by retries. */
  readonly completeness: 'whole' | 'credentials-only';
  /** Credentials and signal keys, in Baileys' encoding. */
  readonly entries: readonly PlainEntryChange[];
  /** Names of pieces that were cut off or cannot be read. */
  readonly leftOut: readonly string[];
}
