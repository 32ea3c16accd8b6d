import { CREDS } from '../core/baileys/auth-state.ts';
import { readOldCredentials } from '../core/baileys/old-credentials.ts';
import type { OldListing, OldSession } from '../core/old-source.ts';
import { readSessionId } from '../core/sessions/session-id.ts';
import { unreadable } from '../core/vault/session-import.ts';

const LONGEST_SHOWN_ID = 80;

/**
 * The session in what an older system kept of it: its credentials and nothing else. Undefined where it kept none, or
 * they were never linked; SESSION_CORRUPT where they are not whole.
 */
export function readCredentialsOnly(place: string, found: unknown): OldSession | undefined {
  if (found === undefined || found === null) return undefined;
  const creds = readOldCredentials(found);
  if (!creds) throw unreadable(place, 'was cut off, or holds no credentials of Baileys');
  if (!creds.isLinked) return undefined;
  const entries = [{ type: CREDS, id: '', value: creds.value }];
  return { place, completeness: 'credentials-only', entries, leftOut: [] };
}

/** The ids that an older system used, sorted into those that are ids here as well, and the others. */
export function listOldIds(ids: readonly unknown[], placeOf: (id: string) => string): OldListing {
  const sessionIds: string[] = [];
  const unusable: { place: string; why: string }[] = [];
  for (const id of ids) {
    try {
      sessionIds.push(readSessionId(typeof id === 'string' ? id : ''));
    } catch (error) {
      // Somebody else wrote it, and it goes to a log: on one line, and not without an end.
      const shown = JSON.stringify(id ?? null).slice(0, LONGEST_SHOWN_ID);
      unusable.push({ place: placeOf(shown), why: `cannot keep its id: ${(error as Error).message}` });
    }
  }
  return { sessionIds: [...new Set(sessionIds)], unusable };
}
