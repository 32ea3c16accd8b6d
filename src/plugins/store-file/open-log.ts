import { join } from 'node:path';
import type { EntryChange } from '../../core/store.ts';
import type { EntryIndex } from './entry-index.ts';
import { type FileSystem, type OpenFile, writeFullyThrough } from './file-system.ts';
import { encodeFrame } from './log-frames.ts';
import { encodeRecord } from './log-records.ts';
import type { LogContent } from './log-scan.ts';
import type { CachedFile, OpenFiles } from './open-files.ts';
import { readRuns } from './record-reader.ts';

/** Where the log of one session lies. */
export interface LogSite {
  readonly sessionId: string;
  readonly folder: string;
  /** The folder of all sessions. */
  readonly parent: string;
  readonly fs: FileSystem;
  readonly files: OpenFiles;
}

export const LOG_NAME = 'log';
export const logPathOf = (site: LogSite): string => join(site.folder, LOG_NAME);

/**
 * How far the file can be believed. After a failed sync the system may take the lost pages for written, so a file is
 * never synced again: the next write has to be a new log.
 * - `full`: it can be appended to;
 * - `acknowledged`: a write or a sync failed, and what was acknowledged before that still holds;
 * - `none`: a sync failed before anything was read, so even what it says may not be on the disk.
 */
export type Trust = 'full' | 'acknowledged' | 'none';

/** The log of a session that is in use: what was acknowledged, and what may be done with the file. */
export interface OpenLog {
  content: LogContent;
  /** Undefined where the session has none, or none that can be believed. */
  readonly file: CachedFile | undefined;
  /** More than `content.endBytes` where a torn tail waits to be cut off. */
  fileBytes: number;
  trust: Trust;
  /** True where the damaged log still has the name of the log, and must be set aside before another takes it. */
  evidence: boolean;
  /** Not worth a compaction below this much garbage. */
  garbageLimit: number;
}

export const LEAST_GARBAGE = 1024 * 1024;

export const createOpenLog = (content: LogContent, file: CachedFile | undefined): OpenLog => ({
  content,
  file,
  fileBytes: content.endBytes,
  trust: 'full',
  evidence: false,
  garbageLimit: LEAST_GARBAGE,
});

/** Otherwise the next write has to be a new log. */
export const canAppend = ({ file, trust }: OpenLog): boolean => file !== undefined && trust === 'full';

export function isWorthCompacting({ content, garbageLimit }: OpenLog): boolean {
  const garbage = content.endBytes - content.liveBytes;
  return garbage > Math.max(garbageLimit, content.liveBytes);
}

/** Reads on go on from what was acknowledged; the file may have lost its name, so it can't be opened again. */
export function poison(log: OpenLog): void {
  log.trust = 'acknowledged';
  log.file?.keepOpen();
}

/** One change as one frame: written, synced, and only then taken over. */
export async function appendChange(
  log: OpenLog,
  next: Pick<LogContent, 'head' | 'fence'>,
  changes: readonly EntryChange[],
): Promise<void> {
  if (!log.file) throw new Error('there is no log to append to');
  const { head, fence } = next;
  const { damage, index, endBytes } = log.content;
  const latest = new Map(changes.map(change => [change.name, change]));
  const written = [...latest.values()]
    .filter(({ name, value }) => value || index.get(name))
    .map(change => ({ change, record: encodeRecord(change) }));
  const records = written.map(({ record }) => record);
  const frame = encodeFrame({ kind: 'change', fence, ...(head && { head }) }, records);
  const { file, release } = await log.file.hold();
  try {
    await writeFrame(log, file, frame.bytes);
  } finally {
    await release();
  }
  const liveBytes = log.content.liveBytes + indexWritten(index, written, endBytes + frame.recordsOffset);
  log.content = { head, fence, damage, index, endBytes: endBytes + frame.bytes.length, liveBytes };
}

async function writeFrame(log: OpenLog, file: OpenFile, bytes: Buffer): Promise<void> {
  const { endBytes } = log.content;
  try {
    // Or this frame, cut off in its turn, would seem to have something behind it, and so to be damaged.
    if (log.fileBytes > endBytes) await file.truncate(endBytes);
    log.fileBytes = endBytes + bytes.length;
    await writeFullyThrough(file, bytes, endBytes);
  } catch (error) {
    // Not a byte of it was written, and the next one opens the file anew.
    if (file.isReadOnly) throw error;
    poison(log);
    // Gives back the space, and keeps a change that was refused from showing up after a restart. Only a courtesy.
    await file.truncate(endBytes).catch(() => undefined);
    throw error;
  }
}

interface WrittenChange {
  readonly change: EntryChange;
  readonly record: Buffer;
}

/** Takes over changes whose records lie one behind the other from `start` on; how many more live bytes there are now. */
function indexWritten(index: EntryIndex, written: readonly WrittenChange[], start: number): number {
  let offset = start;
  let gained = 0;
  for (const { change, record } of written) {
    const { name, value } = change;
    const { length } = record;
    const previous = value ? index.set(name, { offset, length }) : index.delete(name);
    gained += (value ? length : 0) - (previous?.length ?? 0);
    offset += length;
  }
  return gained;
}

/** The entries of those names that exist, in the order of the log. */
export function findRuns(file: OpenFile, index: EntryIndex, names: readonly string[]) {
  const locations = [...new Set(names)].flatMap(name => index.get(name) ?? []);
  return readRuns(
    file,
    locations.sort((a, b) => a.offset - b.offset),
  );
}
