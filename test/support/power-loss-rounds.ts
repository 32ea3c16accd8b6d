import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as passing } from 'node:timers/promises';
import { fileURLToPath, URL } from 'node:url';
import { promisify } from 'node:util';
import { until } from './condition.ts';
import { createPowerLossDisk, type PowerLossDisk } from './power-loss-disk.ts';

export type StateKind = 'file-store' | 'multi-file';

/** What many power losses did to a session that was written all the time. */
export interface PowerLossReport {
  readonly rounds: number;
  readonly acknowledged: number;
  /** Rounds after which the session could not be opened. */
  readonly unopened: number;
  /** Rounds after which something was older than what had been acknowledged. */
  readonly lost: number;
  /** Rounds after which records that were written together differed, or were not what was written. */
  readonly torn: number;
  /** Rounds after which the session had other credentials. */
  readonly newIdentity: number;
}

export interface PowerLossPlan {
  readonly kind: StateKind;
  readonly rounds: number;
  /** In [0, 1). */
  readonly random: () => number;
}

interface Found {
  readonly groups: readonly (readonly number[])[];
  readonly registrationId: number;
  readonly nextPreKeyId: number;
}

/** What the writer noted on the disk that kept its power. */
interface Notes {
  readonly tried: number;
  readonly acknowledged: readonly number[];
  readonly creds: number;
  readonly registrationId: number;
}

const LONGEST_MS = 1_700;
const program = (name: string) => fileURLToPath(new URL(`./power-loss-${name}.mjs`, import.meta.url));
const run = promisify(execFile);

export async function runPowerLossRounds(plan: PowerLossPlan): Promise<PowerLossReport> {
  const disk = await createPowerLossDisk();
  const report = { rounds: 0, acknowledged: 0, unopened: 0, lost: 0, torn: 0, newIdentity: 0 };
  try {
    while (report.rounds < plan.rounds) {
      const notedBytes = await writeUntilPowerLoss(disk, plan);
      const notes = await readNotes(disk);
      const settled = await readNotes(disk, notedBytes);
      const found = await readState(disk, plan.kind);
      report.rounds += 1;
      report.acknowledged = notes.acknowledged.length;
      if (!found) {
        report.unopened += 1;
        break;
      }
      report.lost += isBehind(found, settled) ? 1 : 0;
      report.torn += isTorn(found, notes) ? 1 : 0;
      report.newIdentity += found.registrationId === notes.registrationId ? 0 : 1;
    }
    return report;
  } finally {
    await disk.remove();
  }
}

/** How many bytes of notes there were when it happened. */
async function writeUntilPowerLoss(disk: PowerLossDisk, { kind, random }: PowerLossPlan): Promise<number> {
  const before = await readNotes(disk);
  const args = [program('writer'), kind, stateFolder(disk), notesPath(disk), String(before.tried + 1)];
  const writer = spawn(process.execPath, args, { stdio: 'ignore' });
  const exited = once(writer, 'exit');
  await until('the writer writes', async () => (await readNotes(disk)).tried > before.tried);
  await passing(random() * LONGEST_MS);
  const notedBytes = await disk.cutPower(notesPath(disk));
  writer.kill('SIGKILL');
  await exited;
  await disk.restorePower();
  return notedBytes;
}

async function readNotes(disk: PowerLossDisk, bytes?: number): Promise<Notes> {
  const written = await readFile(notesPath(disk), 'latin1').catch(() => '');
  const text = written.slice(0, bytes);
  const numbers = (what: string) =>
    [...text.matchAll(new RegExp(`^${what} (\\d+)$`, 'gm'))].map(([, number]) => Number(number));
  return {
    tried: numbers('tried').at(-1) ?? 0,
    acknowledged: numbers('acknowledged'),
    creds: numbers('creds').at(-1) ?? 0,
    registrationId: numbers('open')[0] ?? 0,
  };
}

async function readState(disk: PowerLossDisk, kind: StateKind): Promise<Found | undefined> {
  try {
    return JSON.parse((await run(process.execPath, [program('reader'), kind, stateFolder(disk)])).stdout);
  } catch {
    return undefined;
  }
}

function isBehind({ groups, nextPreKeyId }: Found, { acknowledged, creds }: Notes): boolean {
  const newest = groups.map((_, group) =>
    Math.max(0, ...acknowledged.filter(number => number % groups.length === group)),
  );
  return nextPreKeyId < creds || groups.some((found, group) => Math.min(...found) < (newest[group] ?? 0));
}

function isTorn({ groups }: Found, { tried }: Notes): boolean {
  return groups.some(found => found.some(number => number !== found[0] || number < 0 || number > tried));
}

const stateFolder = (disk: PowerLossDisk): string => join(disk.folder, 'state');
const notesPath = (disk: PowerLossDisk): string => join(disk.safeFolder, 'notes');
