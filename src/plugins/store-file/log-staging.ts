import type { CopyHead, Entry } from '../../core/store.ts';
import { createEntryIndex, type Location } from './entry-index.ts';
import { type FileSystem, type OpenFile, writeFully } from './file-system.ts';
import { encodeFrame, FILE_MAGIC, FORMAT, type FrameMeta } from './log-frames.ts';
import { encodeRecord } from './log-records.ts';
import type { LogContent } from './log-scan.ts';

const FRAME_RECORDS_BYTES = 256 * 1024;

export interface SnapshotPlan {
  readonly sessionId: string;
  readonly head: CopyHead | undefined;
  readonly fence: number;
  readonly damage: string | undefined;
  readonly entries: AsyncIterable<Entry> | Iterable<Entry>;
}

/** A whole new log, durable under a name that nobody reads. */
export interface StagedLog {
  readonly path: string;
  readonly file: OpenFile;
  readonly content: LogContent;
}

/** Writes a log of nothing but a snapshot. Where that fails, or `entries` throws, nothing of it stays behind. */
export async function stageLog(fs: FileSystem, path: string, plan: SnapshotPlan): Promise<StagedLog> {
  const file = await fs.createFile(path);
  try {
    return { path, file, content: await writeSnapshot(file, plan) };
  } catch (error) {
    await discardStaged(fs, { path, file });
    throw error;
  }
}

/** What is left of a failed attempt is removed at the next start, so failing to do it now loses nothing. */
export async function discardStaged(
  fs: FileSystem,
  { path, file }: Pick<StagedLog, 'path' | 'file'>,
): Promise<void> {
  await file.close().catch(() => undefined);
  await fs.removeFile(path).catch(() => undefined);
}

async function writeSnapshot(file: OpenFile, plan: SnapshotPlan): Promise<LogContent> {
  const { sessionId, head, fence, damage } = plan;
  const index = createEntryIndex();
  const writer = createFrameWriter(file);
  let entries = 0;
  let liveBytes = 0;
  const isDamaged = damage !== undefined;
  await writer.frame({
    kind: 'snapshot',
    format: FORMAT,
    sessionId,
    damaged: isDamaged,
    fence,
    ...(head && { head }),
  });
  for await (const entry of plan.entries) {
    const location = writer.add(encodeRecord(entry));
    const previous = index.set(entry.name, location);
    entries += 1;
    liveBytes += location.length - (previous?.length ?? 0);
    if (writer.isFull()) await writer.flush();
  }
  await writer.frame({ kind: 'end', entries });
  await file.sync();
  return { head, fence, damage, index, endBytes: writer.endBytes(), liveBytes };
}

interface FrameWriter {
  frame(meta: FrameMeta): Promise<void>;
  /** Where the record will lie when it is flushed. */
  add(record: Buffer): Location;
  isFull(): boolean;
  flush(): Promise<void>;
  endBytes(): number;
}

/** Gathers records into frames of some size: one frame in memory, whatever the size of the copy. */
function createFrameWriter(file: OpenFile): FrameWriter {
  const recordsOffset = encodeFrame({ kind: 'entries' }).recordsOffset;
  let end = 0;
  let pending: Buffer[] = [];
  let pendingBytes = 0;

  async function append(bytes: Uint8Array) {
    await writeFully(file, bytes, end);
    end += bytes.length;
  }
  async function flush() {
    const records = pending;
    pending = [];
    pendingBytes = 0;
    if (records.length > 0) await append(encodeFrame({ kind: 'entries' }, records).bytes);
  }
  return {
    async frame(meta) {
      await flush();
      const { bytes } = encodeFrame(meta);
      await append(end === 0 ? Buffer.concat([FILE_MAGIC, bytes]) : bytes);
    },
    add(record) {
      const location = { offset: end + recordsOffset + pendingBytes, length: record.length };
      pending.push(record);
      pendingBytes += record.length;
      return location;
    },
    isFull: () => pendingBytes >= FRAME_RECORDS_BYTES,
    flush,
    endBytes: () => end,
  };
}
