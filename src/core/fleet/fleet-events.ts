import type { SessionEvents } from '../sessions/session-events.ts';
import type { StatusChange } from '../sessions/session-views.ts';
import { presentState } from '../sessions/session-watch.ts';
import type { HeardSessions } from './heard-sessions.ts';
import type { Peers } from './peers.ts';

export interface FleetEventsOptions {
  /** Of the subscribers of this server. */
  readonly events: SessionEvents;
  readonly peers: Peers;
  readonly heard: HeardSessions;
}

/**
 * What happens to sessions, on all servers. What this one says of its own sessions goes to its subscribers and to the
 * others; what the others say goes to its subscribers.
 *
 * Everybody speaks of what he runs. So a server says nothing to the others of a session that it never held since they
 * spoke of it; and where its own view is no more than "another server has it" (STANDBY), its subscribers are shown
 * what that server says, where it was heard: two voices on one session would contradict each other.
 */
export function createFleetEvents({ events, peers, heard }: FleetEventsOptions): SessionEvents {
  /** Sessions of which this server spoke last. */
  const ours = new Set<string>();

  function speaksFor({ session: { id, heldBy, status } }: StatusChange): boolean {
    if (heldBy === peers.self) ours.add(id);
    return status !== 'STANDBY' && ours.has(id);
  }

  peers.listen('status', ({ change }) => {
    ours.delete(change.session.id);
    heard.note(change.session);
    events.publishStatus(change);
  });
  peers.listen('message', ({ message }) => events.publishMessage(message));
  peers.listen('qr', ({ sessionId, qr }) => {
    heard.noteQr(sessionId, qr);
    events.publishQr(sessionId, qr);
  });
  peers.listen('qr-complete', ({ sessionId }) => {
    heard.noteQr(sessionId, undefined);
    events.completeQr(sessionId);
  });
  peers.listen('deleted', ({ sessionId }) => {
    ours.delete(sessionId);
    if (heard.noteDeletion(sessionId)) events.publishDeletion(sessionId);
  });

  return {
    ...events,

    publishStatus(change) {
      if (speaksFor(change)) peers.tellAll({ kind: 'status', change });
      const session = heard.replace(change.session);
      if (session !== change.session) return events.publishStatus(presentState(session));
      if (change.status !== 'STANDBY') heard.forget(session.id);
      events.publishStatus(change);
    },

    publishMessage(message) {
      peers.tellAll({ kind: 'message', message });
      events.publishMessage(message);
    },

    publishQr(sessionId, qr) {
      peers.tellAll({ kind: 'qr', sessionId, qr });
      events.publishQr(sessionId, qr);
    },

    completeQr(sessionId) {
      peers.tellAll({ kind: 'qr-complete', sessionId });
      events.completeQr(sessionId);
    },

    /** Each server finds out by its stores, too; whoever does so last has nothing new to say. */
    publishDeletion(sessionId) {
      ours.delete(sessionId);
      if (!heard.noteDeletion(sessionId)) return;
      peers.tellAll({ kind: 'deleted', sessionId });
      events.publishDeletion(sessionId);
    },
  };
}
