import { CREDS } from '../baileys/auth-state.ts';
import { createStaleCopyFilter } from '../baileys/stale-copy.ts';
import { SessionError } from '../errors.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { DATA_KEY } from '../sealing/session-key.ts';
import type { Entry, LoadedSession } from '../store.ts';

/** A whole copy in memory: for the rare moments when all of it is looked at. */
export async function readCopy({ entries }: LoadedSession): Promise<Entry[]> {
  const all: Entry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

/**
 * The same copy, changed so that its ratchets can be used although others were used after them (law 2). `newerCreds`: of
 * the newest copy that can be read, in the clear.
 */
export function makeSafe(
  copy: readonly Entry[],
  sealer: Sealer,
  now: number,
  newerCreds?: Uint8Array,
): Entry[] {
  const creds = copy.find(({ name }) => name === CREDS);
  if (!creds) throw new SessionError('SESSION_CORRUPT', 'the copy has no credentials');
  const filter = createStaleCopyFilter(sealer.unseal(CREDS, '', creds.value), now, newerCreds);
  return copy.flatMap(entry => {
    if (entry.name === DATA_KEY) return [entry];
    const plain = sealer.identify(entry.name, entry.value);
    const value = filter(plain);
    if (value === plain.value) return [entry];
    return value ? [sealer.seal(plain.type, plain.id, value)] : [];
  });
}
