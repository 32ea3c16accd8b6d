import { lstat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Config } from '../../config.ts';

/** Where examples and older bots keep the files of `useMultiFileAuthState`. */
const USUAL_NAMES = [
  'auth_info_baileys',
  'baileys_auth_info',
  'auth_info',
  'auth_info_multi',
  'auth',
  'session',
  'sessions',
  'whatsapp_auth',
];

/** Folders beside the data directory and in the present one that hold a login, and are not looked into by the server. */
export async function findFoldersElsewhere({ authDirectory }: Config): Promise<string[]> {
  const known = resolve(authDirectory);
  const parents = new Set([process.cwd(), resolve(known, '..')]);
  const places = [...parents].flatMap(parent => USUAL_NAMES.map(name => join(parent, name)));
  const candidates = [...new Set(places)].filter(place => place !== known);
  const hasLogin = await Promise.all(candidates.map(place => isFile(join(place, 'creds.json'))));
  return candidates.filter((_, index) => hasLogin[index]);
}

const isFile = (path: string): Promise<boolean> =>
  lstat(path).then(
    found => found.isFile(),
    () => false,
  );
