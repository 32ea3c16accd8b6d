import type { Clock } from '../clock.ts';
import type { Follower } from './follower.ts';
import type { ObserveCall } from './observed-store.ts';

/** A copy that its store spoke for is believed for so long. */
const BELIEVED_MS = 5 * 60_000;
const ROUND_MS = 10_000;
/** At least so many are asked after in a round, and as many as it takes to be through in as long again. */
const LEAST_AT_ONCE = 100;
const ROUNDS = BELIEVED_MS / ROUND_MS;

/**
 * Asks after the copies of sessions that rest. Whoever puts an older backup back into a store tells nobody, and a session
 * that writes nothing would learn of it when its server is gone, from a successor that believed it.
 */
export interface CopyPatrol {
  /** What comes back from a failure may be another database, or an older one: its copies are not believed any longer. */
  readonly observe: ObserveCall;
  stop(): void;
}

export interface CopyPatrolOptions {
  readonly clock: Clock;
  readonly followers: () => readonly Follower[];
}

export function startCopyPatrol({ clock, followers }: CopyPatrolOptions): CopyPatrol {
  const over = new AbortController();
  const failing = new Set<string>();
  const backSinceMs = new Map<string, number>();

  const believedSinceMs = (store: string) =>
    Math.max(clock.monotonicMs() - BELIEVED_MS, backSinceMs.get(store) ?? Number.NEGATIVE_INFINITY);

  function atRest({ store: { name: store }, standing, verify }: Follower) {
    const { isBusy, confirmedAtMs = Number.NEGATIVE_INFINITY } = standing();
    return isBusy ? [] : [{ store, confirmedAtMs, verify }];
  }

  function round(): void {
    const resting = followers().flatMap(atRest);
    const due = resting
      .filter(({ store, confirmedAtMs }) => !failing.has(store) && confirmedAtMs <= believedSinceMs(store))
      .sort((one, other) => one.confirmedAtMs - other.confirmedAtMs);
    const atOnce = Math.max(LEAST_AT_ONCE, Math.ceil(resting.length / ROUNDS));
    // One is enough to learn that a store is back.
    const probing = [...failing].flatMap(name => resting.find(({ store }) => store === name) ?? []);
    for (const { verify } of [...due.slice(0, atOnce), ...probing]) verify().catch(() => {});
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
      if (error?.code === 'STORE_UNAVAILABLE') failing.add(store);
      else if (failing.delete(store)) backSinceMs.set(store, clock.monotonicMs());
    },
    stop: () => over.abort(),
  };
}
