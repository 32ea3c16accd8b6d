import type { Follower } from './chain/follower.ts';
import { readStoreViews } from './chain/store-views.ts';
import type { Deadline } from './deadline.ts';
import type { SessionRunner } from './sessions/session-runner.ts';
import {
  SESSION_STATUSES,
  type SessionStatus,
  type SessionView,
  type StoreView,
} from './sessions/session-views.ts';
import type { SessionStore } from './store.ts';

/** How this server does, in numbers: no ids, nothing that grows with the number of sessions. */
export interface Measurements {
  readonly stores: readonly StoreView[];
  /** Every status there is, those without a session as 0. */
  readonly sessionsByStatus: Readonly<Record<SessionStatus, number>>;
  readonly sessionHealth: SessionHealth;
}

/** What tells sessions that work from those that are only linked, over all of this server's. */
export interface SessionHealth {
  readonly degraded: number;
  /** Messages that could not be decrypted since this server started. */
  readonly decryptFailures: number;
  /** Of a CONNECTED session, since it heard anything from WhatsApp. */
  readonly longestSilenceMs: number;
  /** Changes that are not durable yet. */
  readonly pendingWrites: number;
  readonly oldestPendingWriteMs: number;
}

export interface Measured {
  readonly stores: readonly SessionStore[];
  readonly followers: readonly Follower[];
  readonly runners: readonly SessionRunner[];
}

export async function measure(
  { stores, followers, runners }: Measured,
  deadline: Deadline,
): Promise<Measurements> {
  return {
    stores: await readStoreViews(stores, followers, deadline),
    sessionsByStatus: countByStatus(runners.map(({ state }) => state.status)),
    sessionHealth: healthOf(
      runners.map(({ state }) => state.view()),
      deadline.clock.now(),
    ),
  };
}

export function healthOf(views: readonly SessionView[], now: number): SessionHealth {
  const sum = (numberOf: (view: SessionView) => number) =>
    views.reduce((total, view) => total + numberOf(view), 0);
  const most = (numberOf: (view: SessionView) => number) =>
    views.reduce((highest, view) => Math.max(highest, numberOf(view)), 0);
  return {
    degraded: sum(({ degraded }) => (degraded ? 1 : 0)),
    decryptFailures: sum(({ decryptFailures }) => decryptFailures),
    longestSilenceMs: most(({ status, lastFrameAt }) =>
      status === 'CONNECTED' && lastFrameAt ? now - lastFrameAt.getTime() : 0,
    ),
    pendingWrites: sum(({ pendingWrites }) => pendingWrites),
    oldestPendingWriteMs: most(({ oldestPendingWriteMs }) => oldestPendingWriteMs),
  };
}

function countByStatus(statuses: readonly SessionStatus[]): Record<SessionStatus, number> {
  const counts = Object.fromEntries(SESSION_STATUSES.map(status => [status, 0])) as Record<
    SessionStatus,
    number
  >;
  for (const status of statuses) counts[status] += 1;
  return counts;
}
