import type { CopyHead } from '../../core/store.ts';
import type { FileSystem, OpenFile } from './file-system.ts';
import { createFrameWriter } from './frame-writer.ts';
import { FORMAT } from './log-frames.ts';
import type { LogContent } from './log-scan.ts';
import type { WriteEntries } from './snapshot-entries.ts';

export interface SnapshotPlan {
  readonly sessionId: string;
  readonly head: CopyHead | undefined;
  readonly fence: number;
  readonly damage: string | undefined;
  readonly writeEntries: WriteEntries;
}

/** A whole new log, durable under a name that nobody reads. */
export interface StagedLog {
  readonly path: string;
  readonly file: OpenFile;
  readonly content: LogContent;
}

/** Writes a log of nothing but a snapshot. Where that fails, nothing of it stays behind. */
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
  const { sessionId, head, fence, damage, writeEntries } = plan;
  const writer = createFrameWriter(file);
  const damaged = damage !== undefined;
  await writer.frame({ kind: 'snapshot', format: FORMAT, sessionId, damaged, fence, ...(head && { head }) });
  const { records, index, liveBytes } = await writeEntries(writer);
  await writer.frame({ kind: 'end', entries: records });
  await file.sync();
  return { head, fence, damage, index, endBytes: writer.endBytes(), liveBytes };
}
