import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CREDS } from '../core/baileys/auth-state.ts';
import { readOldCreds } from '../core/baileys/multi-file-content.ts';
import { CREDS_FILE } from '../core/baileys/multi-file-names.ts';
import { SessionError } from '../core/errors.ts';
import type { OldListing, OldSession, OldSource } from '../core/old-source.ts';
import { readSessionId } from '../core/sessions/session-id.ts';
import { unreadable } from '../core/vault/session-import.ts';
import { readKeyFiles } from './key-files.ts';
import { readOldFile } from './old-files.ts';

/** The session whose files lie in the directory itself and not in a folder with its name. */
export const UNNAMED_SESSION = 'default';

interface Folders {
  readonly byId: ReadonlyMap<string, string>;
  readonly unusable: OldListing['unusable'];
}

/**
 * Folders that Baileys' `useMultiFileAuthState` wrote: `DIRECTORY/creds.json`, and `DIRECTORY/ID/creds.json`. Links
 * are not followed.
 */
export function createMultiFileSource(directory: string): OldSource {
  return {
    name: directory,
    async list() {
      const { byId, unusable } = await findFolders(directory);
      return { sessionIds: [...byId.keys()], unusable };
    },
    async load(sessionId) {
      // By the listing and not by its path: where the file system ignores case, `Shop` would find `shop`.
      const folder = (await findFolders(directory)).byId.get(sessionId);
      return folder === undefined ? undefined : loadFolder(folder);
    },
  };
}

async function findFolders(directory: string): Promise<Folders> {
  const byId = new Map<string, string>();
  const unusable: { place: string; why: string }[] = [];
  const found = await listDirectory(directory);
  if (found.some(({ name }) => name === CREDS_FILE)) byId.set(UNNAMED_SESSION, directory);
  for (const entry of found) {
    const place = join(directory, entry.name);
    const why = await whyNot(entry, place, byId);
    if (why === 'no session') continue;
    if (why === undefined) byId.set(entry.name, place);
    else unusable.push({ place, why });
  }
  return { byId, unusable };
}

/** Why this cannot be imported; undefined where it can. */
async function whyNot(entry: Dirent, place: string, taken: ReadonlyMap<string, string>) {
  const isFolder = entry.isDirectory() || entry.isSymbolicLink();
  if (!isFolder || entry.name.startsWith('.') || !(await exists(join(place, CREDS_FILE))))
    return 'no session';
  if (entry.isSymbolicLink()) return 'is a symbolic link, which is not followed';
  if (taken.has(entry.name)) return `has the name of the session in ${taken.get(entry.name)}`;
  try {
    readSessionId(entry.name);
    return undefined;
  } catch (error) {
    return `cannot be named after its folder: ${(error as Error).message}`;
  }
}

async function loadFolder(folder: string): Promise<OldSession | undefined> {
  const place = join(folder, CREDS_FILE);
  const file = await readOldFile(place);
  if (file.kind === 'absent') return undefined;
  if (file.kind === 'unreadable') throw unreadable(place, file.why, file.cause);
  const creds = readOldCreds(file.text);
  if (!creds) throw unreadable(place, 'was cut off, or holds no credentials of Baileys');
  if (!creds.isLinked) return undefined;
  const { entries, leftOut } = await readKeyFiles(folder);
  const whole = [{ type: CREDS, id: '', value: creds.value }, ...entries];
  return { place: folder, completeness: 'whole', entries: whole, leftOut };
}

async function listDirectory(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new SessionError('STORE_UNAVAILABLE', `${directory} cannot be looked through for sessions of old`, {
      cause,
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
