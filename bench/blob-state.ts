import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import {
  type AuthenticationCreds,
  type AuthenticationState,
  BufferJSON,
  initAuthCreds,
  type SignalKeyStore,
} from '@whiskeysockets/baileys';
import { createMemoryKeys } from './memory-keys.ts';

const IV_BYTES = 16;
const deriveKey = () => promisify(pbkdf2)('a session and its secret', 'salt', 100_000, 32, 'sha256');

interface Blob {
  readonly creds: AuthenticationCreds;
  readonly keys: Record<string, Record<string, unknown>>;
}

/**
 * What a system that keeps a session as one encrypted blob has to do to lose nothing: the whole state, on every
 * change, written before the next one. Key derivation on every load and save, as such systems do it.
 */
export async function openBlobState(
  found: Uint8Array | undefined,
  write: (bytes: Buffer) => Promise<void>,
): Promise<{ readonly state: AuthenticationState; save(): Promise<void> }> {
  const blob: Blob = found ? await decrypt(found) : { creds: initAuthCreds(), keys: {} };
  const memory = createMemoryKeys(blob.keys);
  let last: Promise<void> = Promise.resolve();

  function save(): Promise<void> {
    last = last.then(async () => write(await encrypt({ creds: blob.creds, keys: memory.all })));
    return last;
  }
  const keys: SignalKeyStore = {
    get: memory.keys.get,
    async set(data) {
      await memory.keys.set(data);
      await save();
    },
  };
  return { state: { creds: blob.creds, keys }, save };
}

async function encrypt(blob: Blob): Promise<Buffer> {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-cbc', await deriveKey(), iv);
  return Buffer.concat([iv, cipher.update(JSON.stringify(blob, BufferJSON.replacer)), cipher.final()]);
}

async function decrypt(bytes: Uint8Array): Promise<Blob> {
  const decipher = createDecipheriv('aes-256-cbc', await deriveKey(), bytes.subarray(0, IV_BYTES));
  const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES)), decipher.final()]).toString();
  return JSON.parse(text, BufferJSON.reviver);
}
