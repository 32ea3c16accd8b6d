import type { Replacement } from '../store.ts';
import type { Claim } from './claim-change.ts';

/** What takes the place of a copy that is deleted: not `complete` where that store alone was told to forget the session. */
export function tombstone({ sessionId, epoch, head, complete }: Claim): Replacement {
  return { sessionId, fence: epoch, head, complete, deleted: true, entries: [] };
}
