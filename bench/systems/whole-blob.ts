import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from 'node:crypto';
import { copyFile, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type AuthenticationCreds,
  BufferJSON,
  initAuthCreds,
  type SignalKeyStore,
} from '@whiskeysockets/baileys';
import type { OpenedState } from '../bench-system.ts';
import { createMemoryKeys } from '../memory-keys.ts';

const IV_BYTES = 16;
const deriveKey = () => promisify(pbkdf2)('a session and its secret', 'salt', 100_000, 32, 'sha256');

interface Blob {
  readonly creds: AuthenticationCreds;
  readonly keys: Record<string, Record<string, unknown>>;
}

/**
 * What a system that keeps a session as one encrypted blob has to do to lose nothing: the whole state, on every
 * change, synced. Key derivation on every load and save, as such systems do it.
 */
export async function openWholeBlob(folder: string): Promise<OpenedState> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'session.enc');
  const found = await readFile(path).catch(() => undefined);
  const blob: Blob = found ? await decrypt(found) : { creds: initAuthCreds(), keys: {} };
  const memory = createMemoryKeys(blob.keys);
  let count = 0;
  let last: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const bytes = await encrypt({ creds: blob.creds, keys: memory.all });
    await writeSynced(path, bytes);
    count += 1;
  }
  function save(): Promise<void> {
    last = last.then(write);
    return last;
  }
  const keys: SignalKeyStore = {
    get: memory.keys.get,
    async set(data) {
      await memory.keys.set(data);
      await save();
    },
  };
  return {
    state: { creds: blob.creds, keys },
    saveCreds: save,
    async copyTo(target) {
      await mkdir(target);
      await copyFile(path, join(target, 'session.enc'));
    },
    syncs: () => count,
    close: async () => {},
  };
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(`${path}.new`, 'w');
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

async function encrypt(blob: Blob): Promise<Buffer> {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-cbc', await deriveKey(), iv);
  return Buffer.concat([iv, cipher.update(JSON.stringify(blob, BufferJSON.replacer)), cipher.final()]);
}

async function decrypt(bytes: Buffer): Promise<Blob> {
  const decipher = createDecipheriv('aes-256-cbc', await deriveKey(), bytes.subarray(0, IV_BYTES));
  const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES)), decipher.final()]).toString();
  return JSON.parse(text, BufferJSON.reviver);
}
