import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { PhaseName, PhaseRequest, PhaseResult } from './phases.ts';
import type { Cell } from './schedule.ts';

const PHASE = fileURLToPath(new URL('./phase.js', import.meta.url));
const run = promisify(execFile);

/** They change nothing that counts, and so need no copy of what was prepared. */
const READING: readonly PhaseName[] = ['open', 'copy', 'memory'];

/** Every phase is a new process. One that writes gets a fresh copy, which has reached the disk before it begins. */
export async function runCell(root: string, cell: Cell): Promise<PhaseResult> {
  const prepared = preparedFolder(root, cell);
  if (READING.includes(cell.phase)) return runReading(prepared, cell);
  const folder = join(root, 'now');
  if (cell.state !== 'nothing') await run('cp', ['-r', prepared, folder]);
  await run('sync', ['--file-system', root]);
  try {
    return await runPhaseProcess({ ...cell, folder });
  } finally {
    await run('rm', ['-rf', folder]);
  }
}

async function runReading(folder: string, cell: Cell): Promise<PhaseResult> {
  try {
    return await runPhaseProcess({ ...cell, folder });
  } finally {
    await run('rm', ['-rf', `${folder}-copy`]);
  }
}

export async function prepareCells(root: string, cells: readonly Cell[]): Promise<void> {
  const folders = new Map(cells.map(cell => [preparedFolder(root, cell), cell]));
  for (const [folder, { system, state }] of folders) {
    if (state !== 'nothing') await runPhaseProcess({ system, state, phase: 'prepare', folder });
  }
}

const preparedFolder = (root: string, { system, state }: Cell): string => join(root, `${system}-${state}`);

async function runPhaseProcess(request: PhaseRequest): Promise<PhaseResult> {
  const { stdout } = await run(process.execPath, ['--expose-gc', PHASE, JSON.stringify(request)], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}
