/** Which secrets there are, and what is under them. */
export interface KeyReport {
  /** The configured ones, newest first, then those that copies are under and nobody configured. */
  readonly keys: readonly KeyUsage[];
  /** What could not be looked at, and so may be under any of them. */
  readonly unreadable: readonly UnreadableCopy[];
}

export interface KeyUsage {
  /** Names the secret, and tells nothing of it. */
  readonly fingerprint: string;
  readonly isConfigured: boolean;
  readonly isNewest: boolean;
  /** In chain order; stores that hold nothing under it are left out. */
  readonly copies: readonly CopiesUnderKey[];
}

export interface CopiesUnderKey {
  readonly store: string;
  readonly count: number;
  /** Of the sessions that the caller may know of. */
  readonly sessionIds: readonly string[];
}

export interface UnreadableCopy {
  readonly store: string;
  /** Undefined where it is the whole store, or a session that the caller may not know of. */
  readonly sessionId: string | undefined;
  readonly message: string;
}

export interface RotationRequest {
  /** Where the call before ended; from the beginning where left out. */
  readonly after?: string;
  /** Only those are rotated that the caller may know of. */
  readonly isVisible: (sessionId: string) => boolean;
}

/** How far one call came: a rotation is as many of them as it takes until nothing remains. */
export interface RotationProgress {
  readonly rewrapped: number;
  /** Under the newest secret already. */
  readonly current: number;
  /** What has to be done elsewhere, or again. */
  readonly left: readonly LeftSession[];
  /** Sessions that this call did not come to. */
  readonly remaining: number;
  /** For `after` of the next call. */
  readonly endCursor: string | undefined;
}

export interface LeftSession {
  /** Undefined where a whole store can't be asked. */
  readonly sessionId: string | undefined;
  readonly code: string;
  readonly message: string;
}
