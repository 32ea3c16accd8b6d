import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { failureOf } from './program-failure.mjs';

const run = promisify(execFile);

/** apt locks its lists and waits for nobody: the second of two installs at once would fail. */
let lastInstall = Promise.resolve();

/**
 * Installs the package of a server, after those that were asked for before; the reason where it can't be.
 * @param {string} serverName
 * @param {string} packageName
 * @returns {Promise<string | undefined>}
 */
export async function installDebianPackage(serverName, packageName) {
  if (process.getuid?.() !== 0) return `${serverName} was not installed: that takes root`;
  const installed = lastInstall.then(() => install(packageName));
  lastInstall = installed.catch(() => {});
  try {
    await installed;
  } catch (cause) {
    return `${serverName} was not installed: ${failureOf(cause)}`;
  }
}

/** @param {string} packageName */
async function install(packageName) {
  // The package's own server is none of ours: a run level of 1 keeps it from being started.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await run('apt-get', ['update'], { env });
  await run('apt-get', ['install', '-y', '--no-install-recommends', packageName], { env });
}
