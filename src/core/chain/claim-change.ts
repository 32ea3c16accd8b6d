import type { Change, Head } from '../store.ts';

export interface Claim {
  readonly sessionId: string;
  /** Epoch of the new owner. */
  readonly epoch: number;
  /** Where the copy stands. */
  readonly head: Head;
  /** Whether the copy can be trusted alone. */
  readonly complete: boolean;
}

/** A change of nothing: it raises the store's fence to that of the owner. */
export function claimChange({ sessionId, epoch, head, complete }: Claim): Change {
  return { sessionId, fence: epoch, base: head, head, complete, entries: [] };
}
