import { SessionError } from '../errors.ts';
import type { SessionStore } from '../store.ts';

/** STORE_UNKNOWN where a name is not one of the chain's. */
export function requireKnown(stores: readonly SessionStore[], names: readonly string[]): void {
  const known = stores.map(({ name }) => name);
  const unknown = names.find(name => !known.includes(name));
  if (unknown === undefined) return;
  throw new SessionError('STORE_UNKNOWN', `there is no store ${unknown}; there are: ${known.join(', ')}`);
}
