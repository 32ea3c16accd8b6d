import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readOldValue } from '../core/baileys/multi-file-content.ts';
import { CREDS_FILE, readKeyFileName } from '../core/baileys/multi-file-names.ts';
import type { PlainEntryChange } from '../core/vault/session-entries.ts';
import { readOldFile } from './old-files.ts';

/** A phone's first pairing leaves a thousand files; a process may have as few as 256 open. */
const FILES_AT_ONCE = 32;

interface KeyFiles {
  readonly entries: readonly PlainEntryChange[];
  /** Names of key files that were cut off or cannot be read. */
  readonly leftOut: readonly string[];
}

/** The signal keys in a folder. What Baileys did not write there is passed over. */
export async function readKeyFiles(folder: string): Promise<KeyFiles> {
  const names = (await readdir(folder)).filter(name => name !== CREDS_FILE && readKeyFileName(name));
  const entries: PlainEntryChange[] = [];
  const leftOut: string[] = [];

  async function take(name: string): Promise<void> {
    const file = await readOldFile(join(folder, name));
    const value = file.kind === 'text' ? readOldValue(file.text) : undefined;
    const key = readKeyFileName(name);
    if (key && value) entries.push({ ...key, value });
    // Gone since the folder was listed: deleted, as used pre-keys are.
    else if (file.kind !== 'absent') leftOut.push(name);
  }

  for (let at = 0; at < names.length; at += FILES_AT_ONCE) {
    await Promise.all(names.slice(at, at + FILES_AT_ONCE).map(take));
  }
  return { entries, leftOut };
}
