import { join } from 'node:path';
import type { OpenFile } from './file-system.ts';
import { LogDamage } from './log-frames.ts';
import { contentWithout, scanLog } from './log-scan.ts';
import { createOpenLog, LOG_NAME, type LogSite, logPathOf, type OpenLog, type Trust } from './open-log.ts';

const STAGED = /^log\.tmp-\d+$/;
const SET_ASIDE = /^log\.corrupt-(\d+)$/;

export const stagedPathOf = (site: LogSite, attempt: number): string =>
  join(site.folder, `log.tmp-${attempt}`);

/** Whether a folder with these names holds anything of a session. A folder alone is a creation that broke off. */
export const holdsSession = (names: readonly string[]): boolean =>
  names.some(name => name === LOG_NAME || SET_ASIDE.test(name));

/** Opens the log of a session as a crash, or an orderly end, has left it. Nothing of the log itself is changed here. */
export async function recoverLog(site: LogSite): Promise<OpenLog> {
  const names = (await site.fs.listFolder(site.folder)) ?? [];
  await removeLeftovers(site, names);
  const name = names.includes(LOG_NAME) ? LOG_NAME : newestSetAside(names);
  if (name === undefined) return createOpenLog(contentWithout(), undefined);
  const file = await site.fs.openFile(join(site.folder, name));
  if (!file) throw new LogDamage(`${name} vanished while it was opened`);
  try {
    return await readLog(site, file, name);
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

async function readLog(site: LogSite, file: OpenFile, name: string): Promise<OpenLog> {
  const content = await scanLog(file, site.sessionId);
  if (name === LOG_NAME && content.damage === undefined) {
    const fileBytes = await file.sizeBytes();
    const trust = await settle(site, file);
    // Last: from here on the file may be closed whenever nobody holds it.
    return { ...createOpenLog(content, await site.files.adopt(logPathOf(site), file)), fileBytes, trust };
  }
  await file.close();
  // A log that was set aside and has no successor: the crash came between the two, and the session is not absent.
  const damage = content.damage ?? 'its log was set aside';
  const log = createOpenLog({ ...contentWithout(damage), fence: content.fence }, undefined);
  return { ...log, evidence: name === LOG_NAME };
}

/**
 * What is read here may be a write that was never acknowledged and is not on the disk yet. Nobody may build on it
 * before it is: a power loss would take it back.
 */
async function settle(site: LogSite, file: OpenFile): Promise<Trust> {
  try {
    await file.sync();
    await site.fs.syncFolder(site.folder);
    await site.fs.syncFolder(site.parent);
    return 'full';
  } catch {
    // Answered for by the new log that has to be written now; its failure is the one that is reported.
    return 'none';
  }
}

/** They only take up space, so a disk that can be read and not written does not fail here. */
async function removeLeftovers(site: LogSite, names: readonly string[]): Promise<void> {
  const staged = names.filter(name => STAGED.test(name));
  await Promise.all(staged.map(name => site.fs.removeFile(join(site.folder, name)).catch(() => undefined)));
}

function newestSetAside(names: readonly string[]): string | undefined {
  const last = lastSetAside(names);
  return last > 0 ? `log.corrupt-${last}` : undefined;
}

const lastSetAside = (names: readonly string[]): number =>
  Math.max(0, ...names.map(name => Number(SET_ASIDE.exec(name)?.[1] ?? 0)));

/** Keeps the bytes of a damaged log under another name. */
export async function setAside(site: LogSite): Promise<void> {
  const names = (await site.fs.listFolder(site.folder)) ?? [];
  if (!names.includes(LOG_NAME)) return;
  const path = join(site.folder, `log.corrupt-${lastSetAside(names) + 1}`);
  await site.fs.renameFile(logPathOf(site), path);
}
