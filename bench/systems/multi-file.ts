import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { useMultiFileAuthState } from '@whiskeysockets/baileys';
import type { OpenedState } from '../bench-system.ts';

/** What Baileys ships: one file a key, in the clear, and nothing is ever synced. */
export async function openMultiFile(folder: string): Promise<OpenedState> {
  const { state, saveCreds } = await useMultiFileAuthState(folder);
  return {
    state,
    saveCreds,
    async copyTo(target) {
      await promisify(execFile)('cp', ['-r', folder, target]);
    },
    syncs: () => 0,
    close: async () => {},
  };
}
