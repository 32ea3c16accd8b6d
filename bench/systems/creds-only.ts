import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type SignalKeyStore, useMultiFileAuthState } from '@whiskeysockets/baileys';
import type { OpenedState } from '../bench-system.ts';
import { createMemoryKeys } from '../memory-keys.ts';

/**
 * What is often deployed: `creds.json` on every `creds.update`, and signal keys in memory alone. Every change to a key
 * is answered by a save of the credentials, and is lost when the process ends.
 */
export async function openCredsOnly(folder: string): Promise<OpenedState> {
  const { state, saveCreds } = await useMultiFileAuthState(folder);
  const memory = createMemoryKeys();
  const keys: SignalKeyStore = {
    get: memory.keys.get,
    async set(data) {
      await memory.keys.set(data);
      await saveCreds();
    },
  };
  return {
    state: { creds: state.creds, keys },
    saveCreds,
    async copyTo(target) {
      await promisify(execFile)('cp', ['-r', folder, target]);
    },
    syncs: () => 0,
    close: async () => {},
  };
}
