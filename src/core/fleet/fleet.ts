import type { Clock } from '../clock.ts';
import type { Keyring } from '../sealing/keyring.ts';
import type { SessionEvents } from '../sessions/session-events.ts';
import type { SessionManager } from '../sessions/session-manager.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Bus } from './bus.ts';
import { createBusSealer, type RefusalReason } from './bus-sealer.ts';
import { createFleetEvents } from './fleet-events.ts';
import { createFleetSessions } from './fleet-sessions.ts';
import { createHeardSessions } from './heard-sessions.ts';
import { createPeerCalls } from './peer-calls.ts';
import { openPeerDesk } from './peer-desk.ts';
import { createPeers } from './peers.ts';
import { keepPresent } from './present-sessions.ts';

/** Servers on one database and one bus, of which each can be asked for all sessions. */
export interface Fleet {
  /** For the session manager of this server: what it tells them is heard on all servers. */
  readonly events: SessionEvents;
  /** The sessions of all servers, for those who call this one. */
  join(local: LocalSessions): Sessions;
}

export type LocalSessions = Sessions & Pick<SessionManager, 'knownSessions'>;

export interface FleetOptions {
  readonly bus: Bus;
  readonly keyring: Keyring;
  /** Of the subscribers of this server. */
  readonly events: SessionEvents;
  /** Who holds the lease of a session; undefined where nobody does. */
  readonly findHolder: (sessionId: string) => Promise<string | undefined>;
  /** Instance id of this server. */
  readonly self: string;
  readonly clock: Clock;
  readonly onRefused: (why: RefusalReason | 'malformed') => void;
  /** An error without a code, while a session of this server was asked for by another one. */
  readonly onUnexpected: (error: unknown) => void;
}

export function createFleet(options: FleetOptions): Fleet {
  const { bus, keyring, events, findHolder, self, clock, onRefused, onUnexpected } = options;
  const sealer = createBusSealer({ keyring, sender: self, clock });
  const peers = createPeers({ bus, sealer, self, onRefused });
  const heard = createHeardSessions();
  return {
    events: createFleetEvents({ events, peers, heard }),
    join(local) {
      openPeerDesk({ peers, local, onUnexpected });
      keepPresent({ events, peers, heard, known: local.knownSessions });
      const calls = createPeerCalls(peers, clock);
      return createFleetSessions({ local, calls, heard, events, findHolder, self });
    },
  };
}
