import type { StoreChain } from '../chain/store-chain.ts';
import { highestEpoch } from '../chain/store-survey.ts';
import type { Clock } from '../clock.ts';
import { SessionError } from '../errors.ts';
import type { LeaseWatch } from '../leases/lease-watch.ts';
import { lookAt, restingStatus } from '../vault/known-session.ts';
import type { SessionVault } from '../vault/session-vault.ts';
import type { SessionState } from './session-state.ts';
import type { StatusReason } from './session-views.ts';

/** A session that another server runs, or ran: what this one does about it. */
export interface SessionStandby {
  /** Resolves when nobody holds the session any more: true where it is to run, and nobody has ended the waiting. */
  turn(why: StatusReason, over: AbortSignal): Promise<boolean>;
  /** Shows what the stores know of a session that nobody runs. True where it is to run. */
  settle(): Promise<boolean>;
  /** The same of one that is waited for: what it is called stays. */
  refresh(): Promise<void>;
  /** Whether the stores know of a deletion, where nothing of the session is found. */
  isDeleted(): Promise<boolean>;
}

export interface StandbyOptions {
  readonly id: string;
  readonly state: SessionState;
  readonly vault: SessionVault;
  readonly watch: LeaseWatch;
  readonly chain: StoreChain;
  readonly clock: Clock;
  /** The session was deleted elsewhere. */
  readonly onGone: () => void;
}

export const HELD_ELSEWHERE: StatusReason = {
  code: 'SESSION_HELD_ELSEWHERE',
  message: 'Another server runs this session. It is taken over when that server lets go.',
};

/** SESSION_HELD_ELSEWHERE, naming the holder, where this server only stands by. */
export function refuseElsewhere(state: SessionState): void {
  const { id, heldBy } = state.view();
  if (state.status !== 'STANDBY' || heldBy === undefined) return;
  throw new SessionError('SESSION_HELD_ELSEWHERE', `session ${id} is held by ${heldBy}`);
}

export function createSessionStandby(options: StandbyOptions): SessionStandby {
  const { id, state, vault, watch, chain, clock, onGone } = options;

  async function settle(): Promise<boolean> {
    const { status } = state;
    const known = await lookAt(vault, id);
    // It was taken up meanwhile: what runs here is newer than what was looked at.
    if (state.status !== status) return false;
    if (!known) {
      onGone();
      return false;
    }
    state.update(known);
    const resting = restingStatus(known.record);
    if (known.record.desiredState === 'RUNNING' && resting === 'STOPPED') return true;
    state.moveTo(resting);
    return false;
  }

  /**
   * No copy knows of the epoch that was seen to run: the stores were put back to an older state while they were away
   * for so long that the lease seemed to have run out. Its holder has a lifetime to write it again (law 1).
   */
  async function isPutBack(): Promise<boolean> {
    return highestEpoch(await chain.survey(id)) < watch.lastEpoch(id);
  }

  return {
    settle,
    isDeleted: () =>
      chain
        .readHead(id)
        .then(head => head?.deleted === true)
        .catch(() => false),

    async refresh() {
      const known = await lookAt(vault, id);
      if (known && state.status === 'STANDBY') state.update({ ...known, heldBy: state.view().heldBy });
    },

    async turn(why, over) {
      state.update({ heldBy: await watch.holderOf(id) });
      state.moveTo('STANDBY', why);
      await watch.freed(id, over);
      if (!over.aborted && (await isPutBack())) {
        await clock.sleep(chain.leases.lifetimeMs, over);
        await watch.freed(id, over);
      }
      state.update({ heldBy: undefined });
      // What cannot be looked into now is found out by the attempt, which has a reason for everything.
      return !over.aborted && (await settle().catch(() => true));
    },
  };
}
