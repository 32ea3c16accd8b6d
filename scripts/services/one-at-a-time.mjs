import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache.mjs';
import { isAlive } from './end-process.mjs';

const NEXT_TRY_MS = 200;

/**
 * Runs it while no other process of this person installs, starts or stops services: two would start everything twice.
 * @param {() => Promise<void>} run
 */
export async function oneAtATime(run) {
  mkdirSync(cacheFolder(process.env), { recursive: true });
  const path = join(cacheFolder(process.env), 'lock');
  while (!acquire(path)) await new Promise(resolve => setTimeout(resolve, NEXT_TRY_MS));
  try {
    await run();
  } finally {
    rmSync(path, { force: true });
  }
}

/** @param {string} path */
function acquire(path) {
  try {
    const file = openSync(path, 'wx');
    writeSync(file, `${process.pid}`);
    closeSync(file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    if (isLeftBehind(path)) rmSync(path, { force: true });
    return false;
  }
}

/** @param {string} path */
function isLeftBehind(path) {
  try {
    const holder = readFileSync(path, 'utf8');
    // Empty: it was made a moment ago, its holder writes its number now.
    return holder !== '' && !isAlive(Number(holder));
  } catch {
    return false;
  }
}
