import type { Entry } from '../../core/store.ts';
import type { Location } from './entry-index.ts';
import { type OpenFile, readFully } from './file-system.ts';
import { parseRecord } from './log-records.ts';

const LARGEST_READ = 256 * 1024;
/** Reading this much in vain costs less than another call to the system. */
const LARGEST_GAP = 4 * 1024;

const NOTHING = new Uint8Array();

/** Neighbouring records, read in one go. */
interface Run {
  readonly start: number;
  readonly end: number;
  readonly locations: readonly Location[];
}

/** A record as it lies in the log, not looked at yet; shorter than it should be where the file ends. */
export interface RawRecord {
  readonly offset: number;
  readonly bytes: Buffer;
}

/**
 * Reads the entries at `locations`, which are in the order of the log: each time those that lie together. Throws
 * LogDamage. Values are views of what was read in one go: whoever keeps one copies it, or a small value keeps all its
 * neighbours in memory.
 */
export async function* readRuns(
  file: OpenFile,
  locations: readonly Location[],
): AsyncGenerator<Entry[], undefined> {
  for await (const records of readRawRuns(file, locations))
    yield records.map(({ bytes, offset }) => {
      const { name, value } = parseRecord(bytes, offset);
      return { name, value: value ?? NOTHING };
    });
}

/** The same, as bytes. */
export async function* readRawRuns(
  file: OpenFile,
  locations: readonly Location[],
): AsyncGenerator<RawRecord[], undefined> {
  for (const run of planRuns(locations)) {
    const bytes = Buffer.allocUnsafe(run.end - run.start);
    const length = await readFully(file, bytes, run.start);
    yield run.locations.map(({ offset, length: recordLength }) => {
      const at = offset - run.start;
      return { offset, bytes: bytes.subarray(at, Math.min(at + recordLength, length)) };
    });
  }
}

export function* planRuns(locations: readonly Location[]): Generator<Run> {
  let run: Location[] = [];
  let start = 0;
  let end = 0;
  for (const location of locations) {
    const next = location.offset + location.length;
    if (run.length > 0 && (location.offset - end > LARGEST_GAP || next - start > LARGEST_READ)) {
      yield { start, end, locations: run };
      run = [];
    }
    if (run.length === 0) start = location.offset;
    run.push(location);
    end = next;
  }
  if (run.length > 0) yield { start, end, locations: run };
}
