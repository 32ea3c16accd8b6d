import type { StoreChain } from '../chain/store-chain.ts';
import type { Clock } from '../clock.ts';
import { shuffled } from '../shuffled.ts';
import type { SessionDirectory } from './session-directory.ts';

/** A fleet that is started at once does not come as one; and none of its servers gets all sessions by their order. */
const START_JITTER_MS = 500;

/** Who is told of every lease still misses one that comes and goes between two looks at them. */
const LOOK_AROUND_MS = 5_000;

/** Finds the sessions that are to run and that nobody runs. */
export interface SessionBoot {
  /** All that the stores list and older programs left; from then on what other servers leave behind. */
  run(): Promise<void>;
  /** Starts nothing more. */
  end(): void;
}

export interface SessionBootDeps {
  readonly directory: SessionDirectory;
  readonly chain: StoreChain;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

export function createSessionBoot({ directory, chain, clock, random }: SessionBootDeps): SessionBoot {
  const over = new AbortController();

  function takeUp(): void {
    for (const runner of shuffled(directory.known(), random)) if (!over.signal.aborted) runner.takeUp();
  }

  /** What another server made and let go of before it was heard of here would be nobody's. */
  async function lookAround(): Promise<void> {
    for (;;) {
      await clock.sleep(LOOK_AROUND_MS, over.signal);
      if (over.signal.aborted) return;
      await directory.discover();
      takeUp();
    }
  }

  return {
    async run() {
      await directory.discover();
      await clock.sleep(random() * START_JITTER_MS, over.signal);
      takeUp();
      // Only now: an old database that is silent must not keep back the sessions that are here.
      await directory.importOld();
      takeUp();
      if (chain.leases.scope === 'cluster') void lookAround();
    },
    end: () => over.abort(),
  };
}
