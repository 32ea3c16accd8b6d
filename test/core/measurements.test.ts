import { expect, it } from 'vitest';
import { healthOf } from '../../src/core/measurements.ts';
import { sessionView } from '../app/fake-sessions.ts';

const NOW = 1_000_000;
const ago = (ms: number) => new Date(NOW - ms);

it('tells of all sessions whether they work: sums, and the worst of each', () => {
  const views = [
    sessionView('a', { lastFrameAt: ago(5_000), decryptFailures: 2, pendingWrites: 1 }),
    sessionView('b', {
      lastFrameAt: ago(90_000),
      decryptFailures: 3,
      degraded: { code: 'STORE_LAGS', message: '' },
      oldestPendingWriteMs: 70,
    }),
    // Nobody expects anything to be heard of a session that is not connected.
    sessionView('c', { status: 'STOPPED', lastFrameAt: ago(900_000) }),
  ];
  expect(healthOf(views, NOW)).toEqual({
    degraded: 1,
    decryptFailures: 5,
    longestSilenceMs: 90_000,
    pendingWrites: 1,
    oldestPendingWriteMs: 70,
  });
});

it('tells of no session that all is well', () => {
  expect(Object.values(healthOf([], NOW))).toEqual([0, 0, 0, 0, 0]);
});
