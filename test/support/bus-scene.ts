import { type Clock, systemClock } from '../../src/core/clock.ts';
import { SessionError } from '../../src/core/errors.ts';
import type { Bus } from '../../src/core/fleet/bus.ts';
import { createFleet } from '../../src/core/fleet/fleet.ts';
import { createKeyring } from '../../src/core/sealing/keyring.ts';
import { createSessionEvents, type SessionEvents } from '../../src/core/sessions/session-events.ts';
import type { SessionView } from '../../src/core/sessions/session-views.ts';
import type { Sessions } from '../../src/core/sessions/sessions.ts';
import { createFakeSessions, type FakeSessions, sessionView } from '../app/fake-sessions.ts';

/** One server of a fleet whose sessions are made up: what the others see of it goes over a real or a fake bus. */
export interface BusMember {
  readonly self: string;
  readonly bus: Bus;
  /** Its own sessions, as its session manager would have them. */
  readonly local: FakeSessions;
  /** What its session manager tells. */
  readonly events: SessionEvents;
  /** What its clients call. */
  readonly sessions: Sessions;
  readonly refused: string[];
  readonly unexpected: unknown[];
  /** This server runs the session from now on, and all others stand by. */
  hold(id: string, rest?: Partial<SessionView>): SessionView;
}

export interface BusScene {
  add(self: string, options?: { secrets?: readonly string[]; clock?: Clock }): Promise<BusMember>;
  readonly holders: Map<string, string>;
}

export const SECRET = 'a'.repeat(64);

export function createBusScene(connect: () => Bus): BusScene {
  const holders = new Map<string, string>();
  const members: BusMember[] = [];

  async function add(
    self: string,
    { secrets = [SECRET], clock = systemClock }: { secrets?: readonly string[]; clock?: Clock } = {},
  ): Promise<BusMember> {
    const local = createFakeSessions();
    const bus = connect();
    const own = createSessionEvents();
    const [refused, unexpected]: [string[], unknown[]] = [[], []];
    const fleet = createFleet({
      bus,
      keyring: await createKeyring(secrets),
      events: own,
      findHolder: async id => holders.get(id),
      self,
      clock,
      onRefused: why => void refused.push(why),
      onUnexpected: error => void unexpected.push(error),
    });
    const known = Object.assign(local, { knownSessions: () => [...local.views.values()] });
    const member: BusMember = {
      self,
      bus,
      local,
      events: fleet.events,
      sessions: fleet.join(known),
      refused,
      unexpected,
      hold(id, rest) {
        holders.set(id, self);
        for (const { local: other } of members) other.views.set(id, standby(id, self));
        const view = sessionView(id, { heldBy: self, ...rest });
        local.views.set(id, view);
        return view;
      },
    };
    members.push(member);
    return member;
  }
  return { add, holders };
}

export const standby = (id: string, heldBy: string): SessionView =>
  sessionView(id, { status: 'STANDBY', heldBy, linked: false });

export const heldElsewhere = (id: string, holder: string): SessionError =>
  new SessionError('SESSION_HELD_ELSEWHERE', `session ${id} is held by ${holder}`);
