import type { Follower } from './chain/follower.ts';
import { readStoreViews } from './chain/store-views.ts';
import type { Deadline } from './deadline.ts';
import type { SessionRunner } from './sessions/session-runner.ts';
import { SESSION_STATUSES, type SessionStatus, type StoreView } from './sessions/session-views.ts';
import type { SessionStore } from './store.ts';

/** How this server does, in numbers: no ids, nothing that grows with the number of sessions. */
export interface Measurements {
  readonly stores: readonly StoreView[];
  /** Every status there is, those without a session as 0. */
  readonly sessionsByStatus: Readonly<Record<SessionStatus, number>>;
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
