import type { Deadline } from '../deadline.ts';
import { StoreError } from '../errors.ts';
import { comparePositions } from '../position.ts';
import { type Entry, type Head, ORIGIN, type Position, type SessionStore } from '../store.ts';
import { whileMoving } from './while-moving.ts';

export interface CopyRequest {
  readonly sessionId: string;
  readonly from: SessionStore;
  readonly to: SessionStore;
  readonly fence: number;
  readonly complete: boolean;
  /** What the source is known to have had: the cause of the error is `SourceWentBack` where it has less by now. */
  readonly least?: Position;
  /** The longest time without progress: a copy takes as long as it is big, and one that stands still has failed. */
  readonly deadline: Deadline;
  /** Called for each entry: whoever waits for the copy may wait on. What it throws ends the copy. */
  readonly onMove?: () => void;
}

/** Puts what one store holds of a session in the place of what another one holds; resolves with where both stand. */
export async function copySession({
  sessionId,
  from,
  to,
  fence,
  complete,
  least = ORIGIN,
  deadline,
  onMove = () => {},
}: CopyRequest): Promise<Head> {
  return whileMoving(to.name, deadline, async moved => {
    const copy = await from.loadSession(sessionId);
    if (comparePositions(copy?.head ?? ORIGIN, least) < 0) throw wentBack(sessionId, from, copy?.head);
    if (!copy) throw new StoreError('STORE_UNAVAILABLE', from.name, `session ${sessionId} is gone from it`);
    const { head } = copy;
    const { deleted } = head;
    const entries = copy.entries[Symbol.asyncIterator]();
    try {
      await to.replaceSession({
        // Nothing comes after a tombstone, so it is as complete as it was.
        ...{ sessionId, fence, head, deleted, complete: deleted ? head.complete : complete },
        entries: noteEach(entries, () => {
          moved();
          onMove();
        }),
      });
      return head;
    } finally {
      // A target that refuses at once reads nothing, and whoever holds a snapshot for us would hold it for ever.
      entries.return?.()?.catch(() => {});
    }
  });
}

/** An older backup came in the place of what the source of a copy had, or nothing did. */
export class SourceWentBack extends Error {
  override readonly name = 'SourceWentBack';
}

function wentBack(sessionId: string, { name }: SessionStore, head: Position | undefined): StoreError {
  const { epoch, revision } = head ?? ORIGIN;
  const message = `session ${sessionId} went back there, to ${epoch}.${revision}`;
  return new StoreError('STORE_STALE', name, message, { cause: new SourceWentBack(message) });
}

function noteEach(entries: AsyncIterator<Entry>, moved: () => void): AsyncIterable<Entry> {
  const next = () => {
    moved();
    return entries.next();
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}
