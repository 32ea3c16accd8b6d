import { copyFile, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenedState } from '../bench-system.ts';
import { openBlobState } from '../blob-state.ts';

/** One file, replaced as a whole and synced. */
export async function openWholeBlob(folder: string): Promise<OpenedState> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'session.enc');
  let count = 0;
  const found = await readFile(path).catch(() => undefined);
  const { state, save } = await openBlobState(found, async bytes => {
    await writeSynced(path, bytes);
    count += 1;
  });
  return {
    state,
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
