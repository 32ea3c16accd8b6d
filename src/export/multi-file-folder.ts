import { mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { CREDS } from '../core/baileys/auth-state.ts';
import { CREDS_FILE, keyFileName, readKeyFileName } from '../core/baileys/multi-file-names.ts';
import { SessionError } from '../core/errors.ts';
import type { ExportedEntry } from '../core/vault/session-export.ts';

/** A process may have as few as 256 files open. */
const FILES_AT_ONCE = 32;

export interface ExportedFolder {
  readonly files: number;
  /** Keys whose file name reads back as another id: Baileys finds them, an import would not. */
  readonly ambiguous: number;
}

/**
 * Writes what Baileys' `useMultiFileAuthState` reads. Each file is synced before it gets its name, and the credentials
 * get theirs last: a folder without them is no session to anybody. BAD_USER_INPUT where the folder is not empty.
 */
export async function writeMultiFileFolder(
  directory: string,
  entries: readonly ExportedEntry[],
): Promise<ExportedFolder> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if ((await readdir(directory)).length > 0) {
    throw new SessionError('BAD_USER_INPUT', `${directory} is not empty; name a folder of its own`);
  }
  const credentials = entries.filter(({ type }) => type === CREDS);
  const keys = entries.filter(({ type }) => type !== CREDS);
  for (let at = 0; at < keys.length; at += FILES_AT_ONCE) {
    await Promise.all(keys.slice(at, at + FILES_AT_ONCE).map(entry => writeEntry(directory, entry)));
  }
  await checkThatNoneMet(directory, keys.length);
  for (const entry of credentials) await writeEntry(directory, entry);
  await syncFolder(directory);
  return { files: entries.length, ambiguous: keys.filter(isAmbiguous).length };
}

async function writeEntry(directory: string, { type, id, value }: ExportedEntry): Promise<void> {
  const name = type === CREDS ? CREDS_FILE : keyFileName(type, id);
  const file = await open(join(directory, `${name}.tmp`), 'wx', 0o600);
  try {
    await file.writeFile(value);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(join(directory, `${name}.tmp`), join(directory, name));
}

/** Some file systems ignore case, and ids of app state keys are base64. */
async function checkThatNoneMet(directory: string, expected: number): Promise<void> {
  const found = (await readdir(directory)).length;
  if (found === expected) return;
  throw new SessionError(
    'BAD_USER_INPUT',
    `${expected - found} keys have the same file name as others in ${directory}; where its file system ignores ` +
      'case, export to another one',
  );
}

function isAmbiguous({ type, id }: ExportedEntry): boolean {
  return readKeyFileName(keyFileName(type, id))?.id !== id;
}

/** Only then are the names as durable as the bytes. Windows cannot, and need not. */
async function syncFolder(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(directory, 'r');
  await folder.sync().finally(() => folder.close());
}
