import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * What outlives a run: programs that were built here, and the list of servers that run.
 * @param {NodeJS.ProcessEnv} environment
 */
export function cacheFolder(environment) {
  const root = environment.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return join(root, 'sessiongraph', 'services');
}

/** @param {NodeJS.ProcessEnv} environment */
export function programFolder(environment) {
  const folder = join(cacheFolder(environment), 'bin');
  mkdirSync(folder, { recursive: true });
  return folder;
}
