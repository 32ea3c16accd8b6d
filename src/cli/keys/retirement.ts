import type { KeyReport } from '../../core/sealing/key-views.ts';

const NAMED = 20;

/** Why a secret has to stay in the configuration; empty where nothing keeps it. Pure. */
export function objectionsTo({ keys, unreadable }: KeyReport, fingerprint: string): string[] {
  const key = keys.find(candidate => candidate.fingerprint === fingerprint);
  const known = keys.map(candidate => candidate.fingerprint).join(', ');
  if (!key) return [`There is no secret ${fingerprint}; there are ${known}.`];
  const newest = key.isNewest
    ? ['It is the newest: new sessions go under it. Put another one in front of it first.']
    : [];
  // What can't be looked at may be under it.
  const unread = unreadable.map(({ message }) => `Not known: ${message}`);
  const used = key.copies.map(
    ({ store, count, sessionIds }) => `In ${store}, ${count} under it: ${nameSome(sessionIds)}`,
  );
  return [...newest, ...used, ...unread];
}

function nameSome(ids: readonly string[]): string {
  const rest = ids.length - NAMED;
  return `${ids.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
