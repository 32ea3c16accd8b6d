import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const SECRET_BYTES = 32;
/** How long another process may take between making the file and filling it. */
const FILL_ATTEMPTS = 40;
const FILL_PAUSE_MS = 50;

/**
 * A value that this server makes once and keeps in its data directory: 32 random bytes as base64url, readable by
 * the owner only. Two processes that start together get the same one. Throws where the file is there and cannot be
 * read: a secret made anew in its place would lock out everything that the old one protects.
 */
export async function loadLocalSecret(directory: string, name: string): Promise<string> {
  const existing = await findLocalSecret(directory, name);
  if (existing !== undefined) return existing;
  await createOnce(directory, name).catch(cause => {
    if (codeOf(cause) !== 'EEXIST') throw new Error(`local secret ${name}: cannot be made`, { cause });
  });
  const made = await findLocalSecret(directory, name);
  if (made === undefined) throw new Error(`local secret ${name}: gone right after it was made`);
  return made;
}

/** The value, or undefined where none was ever made here. */
export async function findLocalSecret(directory: string, name: string): Promise<string | undefined> {
  for (let attempt = 0; attempt < FILL_ATTEMPTS; attempt++) {
    const text = await readIfThere(join(directory, name), name);
    // The line break is written last: without it the file's maker is still at it, or was killed.
    if (text === undefined || text.endsWith('\n')) return text?.trimEnd();
    await pause(FILL_PAUSE_MS);
  }
  throw new Error(`local secret ${name}: half written. Nothing uses it yet; delete the file and start again`);
}

async function readIfThere(path: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new Error(`local secret ${name}: cannot be read (${codeOf(cause)})`, { cause });
  }
}

/** `wx` lets one process win. A hard link would also show the file whole at once, but Android has none. */
async function createOnce(directory: string, name: string) {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = await open(join(directory, name), 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(SECRET_BYTES).toString('base64url')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(directory);
}

/** Only then is the name as durable as the bytes. Windows cannot, and need not. */
async function syncDirectory(directory: string) {
  if (process.platform === 'win32') return;
  const folder = await open(directory, 'r');
  await folder.sync().finally(() => folder.close());
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;
