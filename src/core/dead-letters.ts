/** An event that no endpoint took for so long that it was given up. */
export interface DeadLetter {
  readonly id: string;
  /** By which the receiver would know it: the header `webhook-id`. */
  readonly eventId: string;
  readonly type: string;
  /** Absent where it is about a store. */
  readonly sessionId?: string;
  /** The origin: path and query may hold a token. */
  readonly endpoint: string;
  readonly acceptedAt: Date;
  readonly diedAt: Date;
  readonly why: string;
}

/** The dead letters of this server, as its callers may see them. */
export interface DeadLetters {
  /** Oldest first. */
  read(asked: { readonly isVisible: IsVisible; readonly first: number }): readonly DeadLetter[];
  /** Tries them again, as if they were new: these, or all there are. Returns which. */
  revive(asked: { readonly isVisible: IsVisible; readonly ids?: readonly string[] }): readonly string[];
}

type IsVisible = (sessionId: string) => boolean;

/** Where nobody is called, nothing is given up. */
export const NO_DEAD_LETTERS: DeadLetters = { read: () => [], revive: () => [] };
