import type { Clock } from '../clock.ts';
import type { Follower } from './follower.ts';
import type { ObserveCall } from './observed-store.ts';

/** A copy that its store spoke for is believed for so long, and asked after in the as long that follows. */
const BELIEVED_MS = 5 * 60_000;
const ROUND_MS = 10_000;
const ROUNDS = BELIEVED_MS / ROUND_MS;

/**
 * Asks after the copies of sessions that rest. Whoever puts an older backup back into a store tells nobody, and a session
 * that writes nothing would learn of it when its server is gone, from a successor that believed it.
 */
export interface CopyPatrol {
  /** What comes back from a failure may be another database, or an older one: its copies are not believed any longer. */
  readonly observe: ObserveCall;
  end(): void;
}

export interface CopyPatrolOptions {
  readonly clock: Clock;
  readonly followers: () => readonly Follower[];
}

export function startCopyPatrol({ clock, followers }: CopyPatrolOptions): CopyPatrol {
  const over = new AbortController();
  const failedAtMs = new Map<string, number>();

  const confirmedAtMs = ({ standing }: Follower) => standing().confirmedAtMs ?? Number.NEGATIVE_INFINITY;
  const isOutOfDate = (one: Follower) =>
    confirmedAtMs(one) <= (failedAtMs.get(one.store.name) ?? Number.NEGATIVE_INFINITY);

  function round(): void {
    const all = followers();
    // Those that have an error ask until there is none.
    const resting = all.filter(({ standing }) => standing().error === undefined);
    for (const one of resting.filter(isOutOfDate)) one.recheck();
    const old = resting.filter(one => clock.monotonicMs() - confirmedAtMs(one) >= BELIEVED_MS);
    old.sort((one, other) => confirmedAtMs(one) - confirmedAtMs(other));
    // Few at a time: the sessions of a server that was started at once rest together.
    for (const { recheck } of old.slice(0, Math.ceil(all.length / ROUNDS))) recheck();
  }

  async function walk(): Promise<void> {
    for (;;) {
      await clock.sleep(ROUND_MS, over.signal);
      if (over.signal.aborted) return;
      round();
    }
  }

  void walk();
  return {
    observe({ store, error }) {
      if (error?.code === 'STORE_UNAVAILABLE') failedAtMs.set(store, clock.monotonicMs());
    },
    end: () => over.abort(),
  };
}
