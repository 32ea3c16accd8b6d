import type { Clock } from '../clock.ts';
import { type DisconnectReason, shown } from './disconnect-reasons.ts';
import { NO_STRIKES, nextAttempt, STABLE_MS } from './reconnect-policy.ts';
import { HELD_ELSEWHERE } from './session-standby.ts';
import type { SessionState } from './session-state.ts';
import type { SessionStatus, StatusReason } from './session-views.ts';

/** STANDBY: another server is known to run it, so that it is waited for before anything is tried. */
export type FirstStatus = 'CONNECTING' | 'RECONNECTING' | 'STANDBY';

/** Where the next attempt is some time away or never comes, and a start by hand means now. */
export const WAITS: ReadonlySet<SessionStatus> = new Set([
  'STANDBY',
  'QUARANTINED',
  'RECONNECTING',
  'PAIRING_EXPIRED',
  'LOGGED_OUT',
  'FAILED',
]);

export interface KeepConnectedOptions {
  readonly state: SessionState;
  /** What it is called until it is connected for the first time. */
  readonly first: FirstStatus;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Waits while another server runs the session; false where there is nothing more to do. */
  readonly turn: (why: StatusReason, over: AbortSignal) => Promise<boolean>;
  /** One connection, from its first byte to why it ended; undefined where that was our own doing. */
  readonly attempt: (over: AbortSignal) => Promise<DisconnectReason | undefined>;
}

/** Connects again and again, as the reasons ask, until it is over or there is a reason not to: that one is returned. */
export async function keepConnected(
  { state, first, clock, random, turn, attempt }: KeepConnectedOptions,
  over: AbortSignal,
): Promise<DisconnectReason | undefined> {
  let strikes = NO_STRIKES;
  if (first !== 'STANDBY') state.moveTo(first);
  else if (!(await turn(HELD_ELSEWHERE, over))) return undefined;
  for (;;) {
    const beganMs = clock.monotonicMs();
    const reason = await attempt(over);
    if (over.aborted || !reason) return undefined;
    const why = shown(reason);
    if (reason.pace === 'standby') {
      if (!(await turn(why, over))) return undefined;
      continue;
    }
    if (clock.monotonicMs() - beganMs > STABLE_MS) strikes = NO_STRIKES;
    const next = nextAttempt(reason.pace, strikes, random());
    strikes = next.strikes;
    if (next.pauseMs === undefined) return reason;
    const pauseMs = Math.max(next.pauseMs, reason.leastPauseMs ?? 0);
    if (pauseMs > 0) {
      const retryAt = new Date(clock.now() + pauseMs);
      state.moveTo(next.isQuarantined ? 'QUARANTINED' : reason.status, { ...why, retryAt });
      await clock.sleep(pauseMs, over);
    }
    if (over.aborted) return undefined;
    // The reconnect after pairing is still the first way up; everything else is a way back.
    if (state.status === 'CONNECTED') state.moveTo('RECONNECTING', why);
    else if (state.status !== 'CONNECTING') state.moveTo(state.status, why);
  }
}
