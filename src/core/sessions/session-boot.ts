import type { StoreChain } from '../chain/store-chain.ts';
import type { Clock } from '../clock.ts';
import { createTurns } from '../in-turns.ts';
import { shuffled } from '../shuffled.ts';
import type { SessionDirectory } from './session-directory.ts';
import type { SessionStatus } from './session-views.ts';

/** A fleet that is started at once does not come as one; and none of its servers gets all sessions by their order. */
const START_JITTER_MS = 500;

/** What is not run here is looked at in passing: there may be thousands. */
const LOOKS_AT_A_TIME = 20;

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
  /** Every store has said what it has. */
  let isAllFound = false;
  const [nextAtRest, nextElsewhere] = [createTurns(LOOKS_AT_A_TIME), createTurns(LOOKS_AT_A_TIME)];
  const withStatus = (status: SessionStatus) =>
    directory.known().filter(({ state }) => state.status === status);

  async function findAll(): Promise<void> {
    isAllFound = (await directory.discover()).length === 0;
  }

  function takeUp(): void {
    for (const { takeUp } of shuffled(withStatus('STOPPED'), random)) if (!over.signal.aborted) takeUp();
  }

  /** Another server may have started one of them, and let go of it. */
  async function lookAtSomeAtRest(): Promise<void> {
    for (const { refresh } of nextAtRest(withStatus('STOPPED')))
      if (!over.signal.aborted) await refresh().catch(() => {});
  }

  /** How far their owners came: an older backup that comes when one of them has gone is then not believed. */
  async function lookAtSomeElsewhere(): Promise<void> {
    for (const { state } of nextElsewhere(withStatus('STANDBY')))
      if (!over.signal.aborted) await chain.survey(state.view().id);
  }

  /**
   * Leases are looked at twice a second. What another server took, and let go of between two looks, is nobody's until
   * it is found here, as soon as what a killed server leaves behind.
   */
  async function lookAround(): Promise<void> {
    for (;;) {
      await clock.sleep(chain.leases.lifetimeMs, over.signal);
      if (over.signal.aborted) return;
      await (isAllFound ? directory.discoverUnseen() : findAll());
      takeUp();
      await lookAtSomeAtRest();
      takeUp();
      await lookAtSomeElsewhere();
    }
  }

  return {
    async run() {
      await findAll();
      await clock.sleep(random() * START_JITTER_MS, over.signal);
      takeUp();
      if (chain.leases.scope === 'cluster') void lookAround();
      // Only now: an old database that is silent must not keep back the sessions that are here.
      await directory.importOld();
      takeUp();
    },
    end: () => over.abort(),
  };
}
