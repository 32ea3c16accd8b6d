import type { Pace } from './disconnect-reasons.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A connection that held this long wipes the slate; opening alone does not, or a flapping one would never slow down. */
export const STABLE_MS = 5 * MINUTE;
const MAX_IMMEDIATE = 3;
const STRIKES_TO_QUARANTINE = 10;
const LIMITED_PAUSE_MS = 5 * MINUTE;
const QUARANTINE_PAUSE_MS = 60 * MINUTE;
const QUICK_REPLACED_TRIES = 5;
const REPLACED_TRIES = 10;

/** How often in a row it went wrong, by kind. */
export interface Strikes {
  /** Verdicts of the server: these lead to quarantine. */
  readonly server: number;
  /** The network: tried for ever, since nobody on the other side is bothered. */
  readonly network: number;
  readonly atOnce: number;
  readonly replaced: number;
}

/** Who stands by waits for somebody, not for a time. */
export type TriedPace = Exclude<Pace, 'standby'>;

export const NO_STRIKES: Strikes = { server: 0, network: 0, atOnce: 0, replaced: 0 };

export interface NextAttempt {
  readonly strikes: Strikes;
  /** Undefined: not again by itself. */
  readonly pauseMs: number | undefined;
  readonly isQuarantined: boolean;
}

/** Pure: when to try again. `random` is in [0, 1); the jitter is full, so that a fleet does not come back as one. */
export function nextAttempt(pace: TriedPace, strikes: Strikes, random: number): NextAttempt {
  switch (pace) {
    case 'never':
      return { strikes, pauseMs: undefined, isQuarantined: false };
    case 'at-once': {
      const atOnce = strikes.atOnce + 1;
      if (atOnce > MAX_IMMEDIATE) return nextAttempt('server', strikes, random);
      return { strikes: { ...strikes, atOnce }, pauseMs: 0, isQuarantined: false };
    }
    case 'network': {
      const network = strikes.network + 1;
      const pauseMs = fullJitter(SECOND, 30 * SECOND, network, random);
      return { strikes: { ...strikes, network }, pauseMs, isQuarantined: false };
    }
    case 'replaced': {
      // Each attempt throws the other one out as well: a few within half a minute, then rarely, then hardly ever.
      const replaced = strikes.replaced + 1;
      if (replaced > REPLACED_TRIES) return quarantine({ ...strikes, replaced }, random);
      const isQuick = replaced <= QUICK_REPLACED_TRIES;
      const slowMs = (1 + random) * 30 * SECOND * 2 ** (replaced - QUICK_REPLACED_TRIES - 1);
      const pauseMs = isQuick ? fullJitter(2 * SECOND, 8 * SECOND, replaced, random) : slowMs;
      return { strikes: { ...strikes, replaced }, pauseMs, isQuarantined: false };
    }
    case 'limited': {
      // Whoever limits counts each try; so it is one that has a chance.
      const next = nextAttempt('server', strikes, random);
      return next.isQuarantined ? next : { ...next, pauseMs: (1 + random) * LIMITED_PAUSE_MS };
    }
    case 'server': {
      const server = strikes.server + 1;
      if (server > STRIKES_TO_QUARANTINE) return quarantine({ ...strikes, server }, random);
      const pauseMs = fullJitter(5 * SECOND, 5 * MINUTE, server, random);
      return { strikes: { ...strikes, server }, pauseMs, isQuarantined: false };
    }
  }
}

function quarantine(strikes: Strikes, random: number): NextAttempt {
  return { strikes, pauseMs: QUARANTINE_PAUSE_MS * (1 + random / 4), isQuarantined: true };
}

function fullJitter(firstMs: number, longestMs: number, strike: number, random: number): number {
  return random * Math.min(longestMs, firstMs * 2 ** (strike - 1));
}
