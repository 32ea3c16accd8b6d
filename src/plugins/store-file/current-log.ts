import { createLane } from '../../core/lane.ts';
import type { CopyHead, EntryChange, Replacement } from '../../core/store.ts';
import { LogDamage } from './log-frames.ts';
import { recoverLog } from './log-recovery.ts';
import { createLogRewriting, type Snapshot } from './log-rewriting.ts';
import { contentWithout } from './log-scan.ts';
import { appendChange, canAppend, isWorthCompacting, type LogSite, type OpenLog } from './open-log.ts';
import type { SessionErrors } from './session-errors.ts';
import { copyRecords, encodeEntries } from './snapshot-entries.ts';

type Entries = Replacement['entries'];

/** What a write makes of a copy. */
export interface NextCopy {
  readonly head: CopyHead | undefined;
  readonly fence: number;
}

/** The log a session has now, which is read when the first call comes and may be replaced by any. */
export interface CurrentLog {
  /** Runs when all calls before it are done, on the log as they left it, however damaged. */
  run<T>(task: (log: OpenLog) => Promise<T>): Promise<T>;
  /** Part of a `run`: appends one change, to a new log where the old one can't be appended to. */
  append(next: NextCopy, changes: readonly EntryChange[]): Promise<void>;
  /** Part of a `run`: a new log that holds nothing but this. */
  begin(next: NextCopy, entries: Entries): Promise<void>;
  /** Not part of a `run`: a new log, written beside the calls, that takes its place if `check` then allows it. */
  replace(next: NextCopy, entries: Entries, check: (log: OpenLog) => void): Promise<void>;
  /** True where forgetting this object forgets nothing. */
  isEmpty(): boolean;
  /** Resolves when the work that nobody awaits is done, too. */
  idle(): Promise<void>;
}

export function createCurrentLog(site: LogSite, errors: SessionErrors): CurrentLog {
  const inOrder = createLane();
  const rewriting = createLogRewriting(site);
  let current: OpenLog | undefined;

  const load = async (): Promise<OpenLog> => {
    current ??= await recoverLog(site);
    return current.trust === 'none' ? rewrite(current) : current;
  };
  const rewrite = async (old: OpenLog, changed: Partial<Snapshot> = {}): Promise<OpenLog> => {
    const { head, fence, damage } = old.content;
    const staged = await rewriting.stage({ head, fence, damage, writeEntries: copyRecords(old), ...changed });
    current = await rewriting.putInPlace(staged, old);
    return current;
  };
  /** Found while it was read on demand: from now on nothing of this log is believed. */
  const noteDamage = async (error: unknown) => {
    if (!(error instanceof LogDamage) || !current || current.content.damage !== undefined) return;
    const { file, content } = current;
    const damaged = { ...contentWithout(error.message), fence: content.fence };
    current = { ...current, content: damaged, file: undefined, evidence: true };
    await file?.retire();
  };
  const run = <T>(task: (log: OpenLog) => Promise<T>): Promise<T> =>
    inOrder(async () => {
      try {
        return await task(await load());
      } catch (error) {
        await noteDamage(error);
        throw errors.translated(error);
      }
    });
  const compact = () =>
    run(async log => {
      if (!isWorthCompacting(log)) return;
      // Held off where it fails: the log is whole, only longer than it need be.
      log.garbageLimit = 2 * (log.content.endBytes - log.content.liveBytes);
      await rewrite(log);
    }).catch(() => undefined);

  return {
    run,
    async append(next, changes) {
      const log = await load();
      const usable = canAppend(log) ? log : await rewrite(log);
      await appendChange(usable, next, changes);
      // After the answer, so that no change waits for it; those that come next do.
      if (isWorthCompacting(usable)) void compact();
    },
    async begin(next, entries) {
      await rewrite(await load(), { ...next, writeEntries: encodeEntries(entries) });
    },
    async replace(next, entries, check) {
      const staged = await rewriting.stage({
        ...next,
        damage: undefined,
        writeEntries: encodeEntries(entries),
      });
      await run(async log => {
        check(log);
        current = await rewriting.putInPlace(staged, log);
      }).catch(async error => {
        await rewriting.discard(staged);
        throw error;
      });
    },
    // Also what can't be trusted is remembered: read again it would look as if it could.
    isEmpty: () => current === undefined || isNothing(current),
    idle: () => inOrder(async () => {}),
  };
}

const isNothing = ({ file, content, trust }: OpenLog): boolean =>
  file === undefined && content.damage === undefined && trust === 'full';
