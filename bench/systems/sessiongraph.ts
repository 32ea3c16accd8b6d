import { copySession } from '../../src/core/chain/copy-session.ts';
import { openFileStore } from '../../src/plugins/store-file/index.ts';
import type { OpenedState } from '../bench-system.ts';
import { createCountingFileSystem } from '../counting-file-system.ts';
import { BENCH_DEADLINE, openSession } from '../open-session.ts';

const SESSION = 'shop';

/** The file store, used as the server uses it. */
export async function openSessiongraph(folder: string): Promise<OpenedState> {
  const disk = createCountingFileSystem();
  const store = await openFileStore({ name: 'file', directory: folder, fs: disk.fs });
  const session = await openSession(store, SESSION);
  return {
    ...session,
    syncs: disk.syncs,
    async copyTo(target) {
      const other = await openFileStore({ name: 'copy', directory: target, fs: disk.fs });
      const fence = (await store.readHead(SESSION))?.fence ?? 0;
      const copy = { sessionId: SESSION, from: store, to: other, fence, complete: true };
      await copySession({ ...copy, deadline: BENCH_DEADLINE });
      await other.close();
    },
  };
}
