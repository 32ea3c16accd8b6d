import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { endProcess } from './end-process.mjs';

/**
 * Ends a server and removes its data.
 * @param {{ pid: number, folder: string }} server
 */
export async function endServer({ pid, folder }) {
  if (isServerOf(pid, folder)) await endProcess(pid);
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Whether a process is the server of that data folder: the system gives the numbers of dead processes to new ones.
 * @param {number} pid
 * @param {string} folder
 */
export function isServerOf(pid, folder) {
  return commandOf(pid).includes(folder);
}

/** @param {number} pid */
function commandOf(pid) {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', `${pid}`], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
