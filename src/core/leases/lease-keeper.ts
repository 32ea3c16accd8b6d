import type { StoreChain } from '../chain/store-chain.ts';
import { freshestCopy, highestEpoch } from '../chain/store-survey.ts';
import type { Clock } from '../clock.ts';
import { answerWithin, isTransient } from '../deadline.ts';
import { StoreError } from '../errors.ts';
import { comparePositions } from '../position.ts';
import type { Lease, LeaseRequest } from '../store.ts';

/** The right to run a session, for as long as this server keeps it. */
export interface KeptLease extends Lease {
  /** Called once where it ends, or has ended, without us: somebody else has it, or it could not be renewed in time. */
  onLost(tell: (error: StoreError) => void): void;
  /** Why other servers may think that it ended. Undefined while they know that it runs. */
  doubt(): StoreError | undefined;
  /** Asks the store at once who holds it; what it answers is told by `onLost`. */
  confirm(): Promise<void>;
  /** Lets others have it. What cannot be told to the store ends there by itself. */
  release(): Promise<void>;
}

/** What becomes of somebody else's lease; refused where nothing is said. */
export type WhereHeld = LeaseRequest['whereHeld'] | undefined;

/** Asks for leases and renews them: all of this server's in one call, three times in the life of a lease. */
export interface LeaseKeeper {
  /** Instance id of this server. */
  readonly holder: string;
  /**
   * Whether it is this process that has the lease, or that may take it at once: what an earlier process of our name left
   * behind. Not so where we had it, and somebody of our name has a newer one: an instance id that is used twice.
   */
  isOurs(lease: Lease): boolean;
  /** SESSION_HELD_ELSEWHERE, naming the holder; STORE_UNAVAILABLE. */
  acquire(sessionId: string, whereHeld?: WhereHeld): Promise<KeptLease>;
}

export interface LeaseKeeperOptions {
  readonly chain: StoreChain;
  readonly holder: string;
  readonly clock: Clock;
}

interface Kept {
  readonly lease: Lease;
  /** When the store was asked for what it confirmed last. */
  askedAtMs: number;
  tell: ((error: StoreError) => void) | undefined;
  /** It may end before anybody listens. */
  end: StoreError | undefined;
  doubt: StoreError | undefined;
  cancelEnd: () => void;
}

export function createLeaseKeeper({ chain, holder, clock }: LeaseKeeperOptions): LeaseKeeper {
  const { leases } = chain;
  const roundMs = leases.lifetimeMs / 3;
  /** After a round that failed: a call that hangs must not cost the life of all leases. */
  const retryMs = leases.lifetimeMs / 15;
  /** Before the store would let somebody else in, the socket has to be gone. */
  const marginMs = leases.lifetimeMs / 6;
  const kept = new Set<Kept>();
  const lastEpochs = new Map<string, number>();
  let isWatching = false;

  function lose(one: Kept, code: StoreError['code'], why: string): void {
    if (!forget(one)) return;
    one.end = new StoreError(code, 'chain', `the lease of session ${one.lease.sessionId} ${why}`);
    one.tell?.(one.end);
  }

  function forget(one: Kept): boolean {
    one.cancelEnd();
    return kept.delete(one);
  }

  /** Law 10: a fleet's socket ends before its lease does, by our own clock; a single server's goes on. */
  function confirmed(one: Kept, askedAtMs: number): void {
    if (askedAtMs < one.askedAtMs) return;
    one.askedAtMs = askedAtMs;
    one.doubt = undefined;
    one.cancelEnd();
    if (chain.startWithoutStores === 'allow' || leases.scope === 'host') return;
    const leftMs = askedAtMs + leases.lifetimeMs - marginMs - clock.monotonicMs();
    one.cancelEnd = clock.schedule(leftMs, () =>
      lose(one, 'STORE_UNAVAILABLE', 'could not be renewed in time'),
    );
  }

  async function ask(asked: readonly Kept[], askedAtMs: number): Promise<void> {
    const held = await leases.renewLeases(asked.map(({ lease }) => lease));
    const byId = new Map(held.map(lease => [lease.sessionId, lease.epoch]));
    for (const one of asked) {
      if (!kept.has(one)) continue;
      if (byId.get(one.lease.sessionId) === one.lease.epoch) confirmed(one, askedAtMs);
      else lose(one, 'SESSION_HELD_ELSEWHERE', 'was taken by another server');
    }
  }

  /** Whether the store answered in this round. What it answers later counts as well, from when it was asked. */
  async function renew(asked: readonly Kept[]): Promise<boolean> {
    const askedAtMs = clock.monotonicMs();
    try {
      await answerWithin('chain', { clock, ms: roundMs }, () => ask(asked, askedAtMs));
      return true;
    } catch (error) {
      for (const one of asked) if (one.askedAtMs <= askedAtMs) one.doubt = error as StoreError;
      return false;
    }
  }

  async function watch(): Promise<void> {
    if (isWatching || leases.scope === 'host') return;
    isWatching = true;
    for (let pauseMs = roundMs; kept.size > 0; ) {
      await clock.sleep(pauseMs);
      if (kept.size > 0) pauseMs = (await renew([...kept])) ? roundMs : retryMs;
    }
    isWatching = false;
  }

  function keep(lease: Lease, known: { askedAtMs: number } | { doubt: StoreError }): KeptLease {
    const one: Kept = {
      lease,
      askedAtMs: Number.NEGATIVE_INFINITY,
      tell: undefined,
      end: undefined,
      doubt: undefined,
      cancelEnd: () => {},
    };
    kept.add(one);
    lastEpochs.set(lease.sessionId, lease.epoch);
    if ('doubt' in known) one.doubt = known.doubt;
    else confirmed(one, known.askedAtMs);
    void watch();
    return {
      ...lease,
      doubt: () => one.doubt,
      onLost(tell) {
        one.tell = tell;
        if (one.end) tell(one.end);
      },
      // Where one process at a time can open the store, nobody else can have it.
      confirm: async () => void (leases.scope === 'host' || (await renew([one]))),
      async release() {
        forget(one);
        await leases.releaseLease(lease).catch(() => {});
      },
    };
  }

  /**
   * Law 10: a single server whose lease store is away goes on from its own copy, under the epoch that it has. A new
   * one would be a guess: whoever was let in meanwhile by the store has a higher one, and wins when it is back.
   */
  async function ownEpoch(sessionId: string): Promise<number | undefined> {
    if (chain.startWithoutStores === 'refuse' || leases.scope === 'host') return undefined;
    const answers = await chain.survey(sessionId);
    const [epoch, freshest] = [highestEpoch(answers), freshestCopy(answers)];
    const isOurs = answers.some(
      answer =>
        answer.kind === 'found' &&
        answer.store.leases?.scope === 'host' &&
        answer.head.fence === epoch &&
        freshest !== undefined &&
        comparePositions(answer.head, freshest.head) === 0,
    );
    return isOurs ? epoch : undefined;
  }

  return {
    holder,
    isOurs: lease =>
      lease.holder === holder && lease.epoch <= (lastEpochs.get(lease.sessionId) ?? lease.epoch),

    async acquire(sessionId, whereHeld = 'refuse') {
      const askedAtMs = clock.monotonicMs();
      try {
        const lease = await leases.acquireLease({ sessionId, holder, above: 0, whereHeld });
        return keep(lease, { askedAtMs });
      } catch (error) {
        const epoch = isTransient(error) ? await ownEpoch(sessionId) : undefined;
        if (epoch === undefined) throw error;
        return keep({ sessionId, holder, epoch }, { doubt: error as StoreError });
      }
    },
  };
}
