import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { probe } from './probe.mjs';
import { lastLines } from './program-failure.mjs';

const START_TIMEOUT_MS = 60_000;
const NEXT_TRY_MS = 100;

/**
 * Starts a server and waits until it answers.
 * @param {import('./find-server.mjs').FoundProgram} found
 * @param {import('./services.mjs').Place} place
 * @param {{ outlivesUs: 'yes' | 'no' }} life
 * @throws Where the server ends before it answers, with its last words.
 */
export async function launch({ server, program }, { folder, port }, { outlivesUs }) {
  mkdirSync(folder, { recursive: true });
  await server.prepare?.(program, folder);
  const logPath = join(folder, 'log');
  const log = openSync(logPath, 'a');
  const child = spawn(program, server.parameters({ folder, port }), {
    cwd: folder,
    detached: outlivesUs === 'yes',
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  if (outlivesUs === 'no') killWithUs(child);
  const url = server.url(port);
  const answer = await untilItAnswers(child, url, logPath);
  const version = server.version === undefined ? answer : `${server.name} ${server.version}`;
  return { child, pid: /** @type {number} */ (child.pid), url, version };
}

/**
 * For the case that nobody comes to end it; whoever does is faster.
 * @param {import('node:child_process').ChildProcess} child
 */
function killWithUs(child) {
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
}

/** A port of loopback that was free a moment ago. */
export async function freePort() {
  const listener = createServer();
  await new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (listener.address());
  await new Promise(resolve => listener.close(resolve));
  return port;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} url
 * @param {string} logPath
 */
async function untilItAnswers(child, url, logPath) {
  /** @type {Error | undefined} */
  let failure;
  child.once('error', error => {
    failure = error;
  });
  const end = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const version = await probe(url).catch(() => undefined);
    if (version !== undefined) return version;
    const isGone = failure !== undefined || child.exitCode !== null || child.signalCode !== null;
    if (isGone || performance.now() > end) {
      child.kill('SIGKILL');
      const what = isGone ? 'ended before it answered' : `did not answer in ${START_TIMEOUT_MS} ms`;
      throw new Error(`${child.spawnfile} ${what}:\n${lastLines(readFileSync(logPath, 'utf8'))}`, {
        cause: failure,
      });
    }
    await new Promise(resolve => setTimeout(resolve, NEXT_TRY_MS));
  }
}
