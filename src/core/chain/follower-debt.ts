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
  next(): Payment;
  add(change: Change): void;
  /** The base was replaced as a whole. */
  addCopy(target: Head): void;
  /** What was confirmed may no longer be so: a payment that begins now or later shows it. Returns its number. */
  doubt(): number;
  /** Nobody could be asked: goes on believing. */
  believe(asked: Payment): void;
  confirm(head: Head, by: Payment): void;
  /** The store does not have what it had. */
  forget(): void;
}

/**
 * What pays it: the missing changes while they are held in memory, merged into one; a copy of the base where they are not;
 * or a look, which tells what is missing. `doubts`: how many there were when it began.
 */
export type Payment = { readonly doubts: number } & (
  | { readonly with: 'change'; readonly change: Change }
  | { readonly with: 'look' | 'copy' }
);

export interface DebtStanding {
  readonly target: Head;
  /** Undefined while it is not known where the store stands. */
  readonly confirmed: Head | undefined;
  /** Whether it is known to have had something of ours. */
  readonly hadSome: boolean;
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
  let hadSome = confirmed !== undefined;
  let confirmedAtMs = confirmed && clock.monotonicMs();
  let owedSince: number | undefined;
  let pending: PendingChange | undefined;
  let sent: Change | undefined;
  let doubts = 0;
  let answered = 0;

  const isPaid = () => confirmed !== undefined && isPartOf(target, confirmed) && answered === doubts;

  function forget(): void {
    confirmed = sent = pending = undefined;
    owedSince ??= clock.now();
  }

  function aimAt(head: Head): void {
    target = head;
    owedSince ??= clock.now();
  }

  return {
    isPaid,
    standing: () => ({ target, confirmed, hadSome, confirmedAtMs, owedSince }),

    next() {
      if (sent) return { with: 'change', change: sent, doubts };
      if (!confirmed || isPartOf(target, confirmed)) return { with: 'look', doubts };
      if (!pending || !goesOnFrom(pending, confirmed)) return { with: 'copy', doubts };
      sent = seal(confirmed, pending.head, [...pending.entries.values()]);
      pending = undefined;
      return { with: 'change', change: sent, doubts };
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
      doubts += 1;
      return doubts;
    },

    believe(asked) {
      answered = asked.doubts;
    },

    confirm({ epoch, revision, digest }, by) {
      confirmed = { epoch, revision, digest };
      confirmedAtMs = clock.monotonicMs();
      hadSome = true;
      sent = undefined;
      answered = by.doubts;
      if (pending && comparePositions(pending.head, confirmed) <= 0) pending = undefined;
      owedSince = isPaid() ? undefined : (owedSince ?? clock.now());
    },

    forget,
  };
}
