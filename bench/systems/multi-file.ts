import { cp } from 'node:fs/promises';
import { useMultiFileAuthState } from '@whiskeysockets/baileys';
import type { OpenedState } from '../bench-system.ts';

/** What Baileys ships: one file a key, in the clear, and nothing is ever synced. */
export async function openMultiFile(folder: string): Promise<OpenedState> {
  const { state, saveCreds } = await useMultiFileAuthState(folder);
  return {
    state,
    saveCreds,
    copyTo: target => cp(folder, target, { recursive: true }),
    syncs: () => 0,
    close: async () => {},
  };
}
