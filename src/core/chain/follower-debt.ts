import type { Clock } from '../clock.ts';
import { comparePositions, isPartOf } from '../position.ts';
import type { Change, EntryChange, Head } from '../store.ts';
import { goesOnFrom, mergeChange, type PendingChange } from './pending-change.ts';

/**
 * What one store owes of one session: the difference of two heads, `confirmed` and `target`, and nothing else. Nothing
 * about debts is stored, so nothing is forgotten. A change that was sent is frozen: after a failure the very same bytes
 * are sent again, because the store may hold them already.
 */
export interface FollowerDebt {
  standing(): DebtStanding;
  isPaid(): boolean;
  /** What pays it: the missing changes while they are held in memory, merged into one; a copy of the base where they are not. */
  next(): { readonly pay: 'change'; readonly change: Change } | { readonly pay: 'look' | 'copy' };
  add(change: Change): void;
  /** The base was replaced as a whole. */
  addCopy(target: Head): void;
  /** Makes sure that what is confirmed is still so. */
  doubt(): void;
  confirm(head: Head): void;
  /** The store does not have what it had. */
  forget(): void;
}

export interface DebtStanding {
  readonly target: Head;
  /** Undefined while it is not known where the store stands. */
  readonly confirmed: Head | undefined;
  /** By the monotonic clock. */
  readonly confirmedAtMs: number | undefined;
  readonly owedSince: number | undefined;
}

export interface DebtOptions {
  readonly confirmed: Head | undefined;
  readonly target: Head;
  /** Changes held for a store that is away; beyond that it is owed a copy. */
  readonly maxPendingBytes: number;
  readonly clock: Clock;
  /** Makes the change that is sent of what is missing between the two. */
  readonly seal: (base: Head, head: Head, entries: readonly EntryChange[]) => Change;
}

export function createFollowerDebt({ maxPendingBytes, clock, seal, ...options }: DebtOptions): FollowerDebt {
  let { confirmed, target } = options;
  let confirmedAtMs = confirmed && clock.monotonicMs();
  let owedSince: number | undefined;
  let pending: PendingChange | undefined;
  let sent: Change | undefined;
  let isInDoubt = false;

  const isPaid = () => confirmed !== undefined && isPartOf(target, confirmed) && !isInDoubt;

  function forget(): void {
    confirmed = sent = pending = undefined;
  }

  function aimAt(head: Head): void {
    target = head;
    owedSince ??= clock.now();
  }

  return {
    isPaid,
    standing: () => ({ target, confirmed, confirmedAtMs, owedSince }),

    next() {
      if (sent) return { pay: 'change', change: sent };
      if (!confirmed || isPartOf(target, confirmed)) return { pay: 'look' };
      if (!pending || !goesOnFrom(pending, confirmed)) return { pay: 'copy' };
      sent = seal(confirmed, pending.head, [...pending.entries.values()]);
      pending = undefined;
      return { pay: 'change', change: sent };
    },

    add(change) {
      aimAt(change.head);
      pending = mergeChange(pending, change, maxPendingBytes);
    },

    addCopy(head) {
      aimAt(head);
      forget();
    },

    doubt() {
      isInDoubt = true;
    },

    confirm({ epoch, revision, digest }) {
      confirmed = { epoch, revision, digest };
      confirmedAtMs = clock.monotonicMs();
      sent = undefined;
      isInDoubt = false;
      if (pending && comparePositions(pending.head, confirmed) <= 0) pending = undefined;
      if (isPaid()) owedSince = undefined;
    },

    forget,
  };
}
