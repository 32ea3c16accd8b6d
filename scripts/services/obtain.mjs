import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, findUrl, reasonForNone, thisMachine } from './find-server.mjs';
import { freePort, launch } from './launch.mjs';
import { probe } from './probe.mjs';
import { findLiving } from './running.mjs';
import { SERVICES } from './services.mjs';

/**
 * A service that answers. `started` is there where this call has started it.
 * @typedef {object} Obtained
 * @property {string} url
 * @property {string} version
 * @property {string} foundBy
 * @property {{ pid: number, folder: string }} [started]
 */

/** @typedef {{ missing: string }} Missing Why there is none. */

/**
 * Finds a service, in the order of choice: a URL in the environment, one that runs already, a program that can be
 * started, and, where that is wanted, a program that can be installed.
 * @param {import('./services.mjs').ServiceName} service
 * @param {{ install: 'yes' | 'no', outlivesUs: 'yes' | 'no' }} how
 * @returns {Promise<Obtained | Missing>}
 * @throws Where a server that somebody named does not answer, or one that was found does not start.
 */
export async function obtain(service, { install, outlivesUs }) {
  const named = findUrl(service, thisMachine());
  if (named !== undefined) return { ...named, version: await probeNamed(named) };

  const living = await findLiving(service);
  if (living !== undefined) return { url: living.url, version: living.server, foundBy: 'running already' };

  const reasons = findProgram(service, thisMachine()) || install === 'no' ? [] : await installOne(service);
  const found = findProgram(service, thisMachine());
  if (found === undefined) return { missing: [reasonForNone(service), ...reasons].join('; ') };

  const folder = mkdtempSync(join(tmpdir(), `sessiongraph-${service}-`));
  try {
    const { pid, url, version } = await launch(found, { folder, port: await freePort() }, { outlivesUs });
    return { url, version, foundBy: found.foundBy, started: { pid, folder } };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Tries the servers in the order of choice, until one is there; the reasons why the others are not.
 * @param {import('./services.mjs').ServiceName} service
 */
async function installOne(service) {
  const reasons = [];
  for (const { install } of SERVICES[service].servers) {
    const reason = await install?.();
    if (reason !== undefined) reasons.push(reason);
    else if (install !== undefined) return reasons;
  }
  return reasons;
}

/** @param {import('./find-server.mjs').FoundUrl} named */
async function probeNamed({ url, foundBy }) {
  try {
    return await probe(url);
  } catch (cause) {
    throw new Error(`the server of ${foundBy} does not answer`, { cause });
  }
}
