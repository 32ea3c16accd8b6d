import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type NextAttempt,
  NO_STRIKES,
  nextAttempt,
  type TriedPace,
} from '../../../src/core/sessions/reconnect-policy.ts';
import { createRandom } from '../../support/seeded-random.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** The attempts that follow when every one of them ends in the same way. */
function attempts(pace: TriedPace, count: number, random: () => number): NextAttempt[] {
  const all: NextAttempt[] = [];
  let strikes = NO_STRIKES;
  for (let i = 0; i < count; i += 1) {
    const next = nextAttempt(pace, strikes, random());
    strikes = next.strikes;
    all.push(next);
  }
  return all;
}

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

it('a simulated day of 503 makes at most 60 attempts, and goes on for ever', () => {
  fc.assert(
    fc.property(fc.integer(), seed => {
      let elapsedMs = 0;
      let made = 0;
      for (const { pauseMs } of attempts('server', 60, createRandom(seed))) {
        expect(pauseMs).toBeDefined();
        elapsedMs += pauseMs ?? 0;
        if (elapsedMs < 24 * HOUR) made += 1;
      }
      expect(made).toBeLessThan(60);
    }),
  );
});

it('the tenth verdict of the server in a row leads to quarantine, which is left every hour or so', () => {
  const all = attempts('server', 12, () => 0.999);
  expect(all.map(({ isQuarantined }) => isQuarantined)).toEqual([...Array(10).fill(false), true, true]);
  expect(all[11]?.pauseMs).toBeGreaterThanOrEqual(HOUR);
  expect(all[11]?.pauseMs).toBeLessThanOrEqual(1.25 * HOUR);
});

it('an endpoint that refuses or is silent is tried within 60 s, for ever', () => {
  for (const { pauseMs, isQuarantined } of attempts('network', 1_000, () => 0.999)) {
    expect(pauseMs).toBeLessThanOrEqual(60 * SECOND);
    expect(isQuarantined).toBe(false);
  }
});

it('who limits is left alone for at least five minutes each time', () => {
  for (const { pauseMs } of attempts('limited', 20, () => 0))
    expect(pauseMs).toBeGreaterThanOrEqual(300 * SECOND);
});

it('515 is answered at once three times in a row, and slows down then', () => {
  const pauses = attempts('at-once', 6, () => 0.5).map(({ pauseMs }) => pauseMs);
  expect(pauses.slice(0, 3)).toEqual([0, 0, 0]);
  for (const pauseMs of pauses.slice(3)) expect(pauseMs).toBeGreaterThan(SECOND);
});

it('a session that is used elsewhere is tried five times in 30 s, then slowly, then left alone', () => {
  const all = attempts('replaced', 12, () => 0.999);
  const sum = all.slice(0, 5).reduce((total, { pauseMs }) => total + (pauseMs ?? 0), 0);
  expect(sum).toBeLessThanOrEqual(30 * SECOND);
  for (const { pauseMs } of attempts('replaced', 10, () => 0).slice(5)) {
    expect(pauseMs).toBeGreaterThanOrEqual(30 * SECOND);
  }
  expect(all.map(({ isQuarantined }) => isQuarantined)).toEqual([...Array(10).fill(false), true, true]);
});

it('what is final is not tried again', () => {
  expect(nextAttempt('never', NO_STRIKES, 0.5).pauseMs).toBeUndefined();
});

it.each([
  { pace: 'network', firstMs: SECOND, longestMs: 30 * SECOND },
  { pace: 'server', firstMs: 5 * SECOND, longestMs: 300 * SECOND },
  { pace: 'replaced', firstMs: 2 * SECOND, longestMs: 8 * SECOND },
] as const)(
  '$pace: the jitter is full, from nothing to a bound that doubles',
  ({ pace, firstMs, longestMs }) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), random, (strike, chance) => {
        const pauseOf = (value: number) => attempts(pace, strike, () => value).at(-1)?.pauseMs ?? Number.NaN;
        const bound = Math.min(longestMs, firstMs * 2 ** (strike - 1));
        expect(pauseOf(chance)).toBeCloseTo(chance * bound);
        expect(pauseOf(0)).toBe(0);
      }),
    );
  },
);
