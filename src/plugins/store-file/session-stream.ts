import type { Entry } from '../../core/store.ts';
import type { OpenLog } from './open-log.ts';
import { readRecords } from './record-reader.ts';

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
  const locations = log.content.index.locations();

  async function* read(): AsyncGenerator<Entry> {
    if (!held) return;
    try {
      for await (const { name, value } of readRecords(held.file, locations)) {
        checkOpen();
        yield { name, value: new Uint8Array(value) };
      }
    } catch (error) {
      // A store that closes takes the file away from under its readers.
      checkOpen();
      throw translated(error);
    } finally {
      await held.release();
    }
  }
  const entries = read();
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => entries.next(),
      async return() {
        // A generator that was never started does not run its `finally`.
        await held?.release();
        return entries.return(undefined);
      },
    }),
  };
}
