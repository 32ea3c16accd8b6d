import type { Clock } from '../clock.ts';
import { createDeferred, type Deferred } from '../deferred.ts';
import type { Lease, LeaseStore } from '../store.ts';
import { createToldLeases } from './told-leases.ts';

/** With the time that taking over takes, a session is up again within two seconds of its release. */
const POLL_MS = 500;

/** Who else runs sessions, of a store that servers share: one question for all of them, asked twice a second. */
export interface LeaseWatch {
  /** Undefined where nobody does. A store that does not answer is taken at its last word. */
  holderOf(sessionId: string): Promise<string | undefined>;
  /** Resolves when nobody else holds it, by all that the store ever told, or `over` aborts. */
  freed(sessionId: string, over: AbortSignal): Promise<void>;
  /** The highest epoch under which somebody else was seen to hold it. */
  lastEpoch(sessionId: string): number;
  /**
   * From now on `onHeld` is told of every session that somebody else begins to hold. It is told again where it answers
   * false: a session is leased before there is anything to be found of it.
   */
  start(onHeld: OnHeld): void;
  stop(): void;
}

export type OnHeld = (lease: Lease) => Promise<boolean>;

export interface LeaseWatchOptions {
  readonly leases: LeaseStore;
  /** Whether this process has the lease, or may take it at once. */
  readonly isOurs: (lease: Lease) => boolean;
  readonly clock: Clock;
}

export function createLeaseWatch({ leases, isOurs, clock }: LeaseWatchOptions): LeaseWatch {
  const stopped = new AbortController();
  const waiting = new Map<string, Deferred<void>>();
  const untold = new Set<string>();
  const lastEpochs = new Map<string, number>();
  const told = createToldLeases(leases, clock);
  let known = new Map<string, Lease>();

  async function tell(lease: Lease, onHeld: OnHeld): Promise<void> {
    const isTaken = await onHeld(lease).catch(() => false);
    if (!isTaken && known.get(lease.sessionId)?.epoch === lease.epoch) untold.add(lease.sessionId);
  }

  async function look(onHeld: OnHeld): Promise<void> {
    const askedAtMs = clock.monotonicMs();
    const others = (await leases.listLeases()).filter(lease => !isOurs(lease));
    told.hear(others, askedAtMs);
    const before = known;
    known = new Map(others.map(lease => [lease.sessionId, lease]));
    for (const lease of others) {
      lastEpochs.set(lease.sessionId, Math.max(lease.epoch, lastEpochs.get(lease.sessionId) ?? 0));
      const isNew = before.get(lease.sessionId)?.epoch !== lease.epoch;
      if (untold.delete(lease.sessionId) || isNew) void tell(lease, onHeld);
    }
    for (const sessionId of await told.findFree([...waiting.keys()])) {
      waiting.get(sessionId)?.resolve();
      waiting.delete(sessionId);
    }
  }

  return {
    lastEpoch: sessionId => lastEpochs.get(sessionId) ?? 0,
    holderOf: sessionId =>
      leases.readLease(sessionId).then(
        lease => lease?.holder,
        () => known.get(sessionId)?.holder,
      ),

    async freed(sessionId, over) {
      const deferred = waiting.get(sessionId) ?? createDeferred<void>();
      waiting.set(sessionId, deferred);
      const ended = createDeferred<void>();
      const giveUp = () => ended.resolve();
      if (over.aborted) giveUp();
      over.addEventListener('abort', giveUp, { once: true });
      await Promise.race([deferred.promise, ended.promise]);
      // A session may stand by for months, and be asked for again and again.
      over.removeEventListener('abort', giveUp);
    },

    start(onHeld) {
      void (async () => {
        while (!stopped.signal.aborted) {
          // A store that cannot be asked has let nobody go.
          await look(onHeld).catch(() => {});
          await clock.sleep(POLL_MS, stopped.signal);
        }
      })();
    },
    stop: () => stopped.abort(),
  };
}
