import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from './cache.mjs';
import { endServer, isServerOf } from './end-server.mjs';
import { probe } from './probe.mjs';

/**
 * A server that was started here and outlives its starter.
 * @typedef {{ url: string, pid: number, server: string, folder: string }} Running
 */

/** SERVICES_FILE keeps the servers of one run apart from those that a person has running. */
const path = () => process.env.SERVICES_FILE ?? join(cacheFolder(process.env), 'services.json');

/** @returns {Record<string, Running>} */
export function readRunning() {
  try {
    return JSON.parse(readFileSync(path(), 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return {};
    throw new Error(`${path()} can't be read`, { cause: error });
  }
}

/**
 * The server of that service, if it still answers.
 * @param {string} service
 * @returns {Promise<Running | undefined>}
 */
export async function findLiving(service) {
  const running = readRunning()[service];
  if (running === undefined || !isServerOf(running.pid, running.folder)) return undefined;
  return probe(running.url).then(
    () => running,
    () => undefined,
  );
}

/**
 * Writes down what runs now; undefined takes a service from the list.
 * @param {string} service
 * @param {Running | undefined} running
 */
export function writeRunning(service, running) {
  const all = { ...readRunning(), [service]: running };
  mkdirSync(dirname(path()), { recursive: true });
  const next = `${path()}.${process.pid}`;
  writeFileSync(next, `${JSON.stringify(all, undefined, 2)}\n`);
  renameSync(next, path());
}

/**
 * Ends a server and takes it from the list.
 * @param {string} service
 * @param {Running} running
 */
export async function endRunning(service, running) {
  await endServer(running);
  writeRunning(service, undefined);
}
