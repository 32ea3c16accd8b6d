import type { OpenFile } from './file-system.ts';
import { setAside, stagedPathOf } from './log-recovery.ts';
import { discardStaged, type SnapshotPlan, type StagedLog, stageLog } from './log-staging.ts';
import { createOpenLog, type LogSite, logPathOf, type OpenLog, poison } from './open-log.ts';

export type Snapshot = Omit<SnapshotPlan, 'sessionId'>;

/** Writes new logs of one session beside the one in use, and puts them in its place. */
export interface LogRewriting {
  stage(snapshot: Snapshot): Promise<StagedLog>;
  /** One rename. Where it fails the old log stays in use for reading, and no log is left under another name. */
  putInPlace(staged: StagedLog, old: OpenLog): Promise<OpenLog>;
  discard(staged: StagedLog): Promise<void>;
}

export function createLogRewriting(site: LogSite): LogRewriting {
  const { fs, files, folder, parent, sessionId } = site;
  let attempts = 0;
  return {
    async stage(snapshot) {
      await fs.makeFolder(folder);
      attempts += 1;
      return stageLog(fs, stagedPathOf(site, attempts), { sessionId, ...snapshot });
    },
    async putInPlace(staged, old) {
      try {
        if (old.evidence) await setAside(site);
        old.evidence = false;
        await fs.renameFile(staged.path, logPathOf(site));
        await fs.syncFolder(folder);
        if (!old.file) await fs.syncFolder(parent);
      } catch (error) {
        // Whether the name means the old log or the new one is not known, after a crash even less.
        poison(old);
        await discardStaged(fs, staged);
        throw error;
      }
      await old.file?.retire();
      return createOpenLog(staged.content, await files.adopt(logPathOf(site), await reopened(staged)));
    },
    discard: staged => discardStaged(fs, staged),
  };

  /** A file that was opened by its name writes through; where that fails, the one there is does as well. */
  async function reopened({ file }: StagedLog): Promise<OpenFile> {
    const opened = await fs.openFile(logPathOf(site)).catch(() => undefined);
    const [kept, other] = opened && !opened.isReadOnly ? [opened, file] : [file, opened];
    await other?.close().catch(() => undefined);
    return kept;
  }
}
