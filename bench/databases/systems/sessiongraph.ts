import { openSession } from '../../open-session.ts';
import { openDatabaseStore } from '../database-store.ts';
import type { OpenedSession, SessionPlace } from '../database-system.ts';

/** The database as the only store, used as the server uses it. */
export async function openSessiongraph(place: SessionPlace): Promise<OpenedSession> {
  return openSession(await openDatabaseStore(place), place.session);
}
