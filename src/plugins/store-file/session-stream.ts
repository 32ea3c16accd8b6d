import { pagedEntries } from '../../core/paged-entries.ts';
import type { Entry } from '../../core/store.ts';
import type { OpenLog } from './open-log.ts';
import { readRuns } from './record-reader.ts';

interface Surroundings {
  readonly checkOpen: () => void;
  readonly translated: (error: unknown) => unknown;
}

/**
 * The entries as they are now. The stream has the offsets of this moment and holds the file they are in, which is
 * never overwritten: a change is appended, and a compaction or a replacement writes another file. The file is held
 * until the stream ends, is returned, or the store is closed.
 */
export async function streamEntries(
  log: OpenLog,
  { checkOpen, translated }: Surroundings,
): Promise<AsyncIterable<Entry>> {
  const held = await log.file?.hold();
  const runs = held && readRuns(held.file, log.content.index.locations());
  return pagedEntries({
    async nextPage() {
      try {
        const page = (await runs?.next())?.value;
        return page?.map(({ name, value }) => ({ name, value: new Uint8Array(value) }));
      } catch (error) {
        // A store that closes takes the file away from under its readers.
        checkOpen();
        throw translated(error);
      }
    },
    check: checkOpen,
    release: () => held?.release(),
  });
}
