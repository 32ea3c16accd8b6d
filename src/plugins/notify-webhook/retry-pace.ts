const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const FIRST_MS = 5 * SECOND;
const LONGEST_MS = 2 * HOUR;

/** For how long an event is tried, counted from when it happened; then it is a dead letter. */
export const GIVE_UP_MS = 24 * HOUR;

/** Exponential with full jitter: many senders whose receiver comes back do not come at the same moment. */
export function pauseAfter(failures: number, random: number): number {
  return random * Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
}
