import { parseArgs } from 'node:util';
import { obtain } from './obtain.mjs';
import { oneAtATime } from './one-at-a-time.mjs';
import { endRunning, findLiving, readRunning, writeRunning } from './running.mjs';
import { requiredServices, SERVICE_NAMES } from './services.mjs';

/** @typedef {import('./services.mjs').ServiceName} ServiceName */

const { values } = parseArgs({
  options: { only: { type: 'string' }, 'no-install': { type: 'boolean', default: false } },
});

await oneAtATime(async () => {
  const results = await Promise.allSettled(wantedServices().map(startOne));
  for (const result of results) {
    if (result.status === 'fulfilled') continue;
    process.exitCode = 1;
    console.error(result.reason);
  }
});

/** @returns {ServiceName[]} */
function wantedServices() {
  const wanted = values.only?.split(',') ?? SERVICE_NAMES;
  const unknown = wanted.filter(name => !SERVICE_NAMES.includes(/** @type {ServiceName} */ (name)));
  if (unknown.length > 0) throw new Error(`no such service: ${unknown}; there are ${SERVICE_NAMES}`);
  return /** @type {ServiceName[]} */ (wanted);
}

/** @param {ServiceName} service */
async function startOne(service) {
  const left = readRunning()[service];
  if (left !== undefined && (await findLiving(service)) === undefined) await endRunning(service, left);

  const install = values['no-install'] ? 'no' : 'yes';
  const obtained = await obtain(service, { install, outlivesUs: 'yes' });
  if ('missing' in obtained) {
    if (requiredServices(process.env).includes(service)) process.exitCode = 1;
    console.log(`${service}: missing (${obtained.missing})`);
    return;
  }
  const { url, version, foundBy, started } = obtained;
  if (started !== undefined) writeRunning(service, { url, server: version, ...started });
  console.log(`${service}: ${version} at ${withoutPassword(url)} (${foundBy})`);
}

/** @param {string} url */
function withoutPassword(url) {
  return url.replace(/:[^:@/]+@/, ':…@');
}
