// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { commandOf, environmentOf, parseDockerfile } from './dockerfile.mjs';
import { replay } from './replay.mjs';

/**
 * Builds what the Dockerfile says without a Docker engine, and runs the result as its user: it has to become healthy,
 * refuse who has no token, and end with 0 when it is told to stop.
 */
const STOP_MS = 2_500;
const PATIENCE_MS = 60_000;
const PORT = '14000';

const context = fileURLToPath(new URL('../..', import.meta.url));
const stages = parseDockerfile(readFileSync(join(context, 'Dockerfile'), 'utf8'));
const steps = stages.at(-1)?.steps ?? [];
const folder = mkdtempSync(join(tmpdir(), 'sessiongraph-image-'));
/** @type {import('node:child_process').ChildProcess | undefined} */
let server;

try {
  const image = replay(stages, { context, folder });
  const environment = {
    PATH: process.env.PATH,
    ...environmentOf(steps),
    PORT,
    HOST: '127.0.0.1',
    WHATSAPP_AUTH_DIR: join(image.root, environmentOf(steps).WHATSAPP_AUTH_DIR ?? ''),
    // Nobody is asked there: there are no sessions.
    WHATSAPP_WS_URL: 'ws://127.0.0.1:9/ws',
    SESSION_ENCRYPTION_SECRET: '5e'.repeat(32),
    AUTH_JWT_SECRET: '7a'.repeat(32),
  };
  const start = (/** @type {string[]} */ [program = '', ...args]) =>
    spawn(program === 'node' ? process.execPath : program, args, {
      cwd: image.workdir,
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit'],
      ...(process.getuid?.() === 0 && { uid: 1000, gid: 1000 }),
    });

  server = start(commandOf(steps, 'CMD'));
  const ended = once(server, 'exit');
  const began = performance.now();
  while ((await once(start(commandOf(steps, 'HEALTHCHECK')), 'exit'))[0] !== 0) {
    check('it became healthy', server.exitCode === null && performance.now() - began < PATIENCE_MS);
    await pause(200);
  }
  console.log('healthy');
  const url = `http://127.0.0.1:${PORT}`;
  check('it is ready', (await fetch(`${url}/health/ready`)).status === 200);
  const query = new URLSearchParams({ query: '{ stores { name } }' });
  check('nobody gets in without a token', (await fetch(`${url}/graphql?${query}`)).status === 401);
  const stopping = performance.now();
  server.kill('SIGTERM');
  const [code] = await ended;
  check('SIGTERM ends it with 0', code === 0);
  check('in time', performance.now() - stopping < STOP_MS);
  console.log(`ended with ${code} after ${Math.round(performance.now() - stopping)} ms`);
} finally {
  server?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

/**
 * @param {string} what
 * @param {boolean} isTrue
 */
function check(what, isTrue) {
  if (!isTrue) throw new Error(`not true: ${what}`);
}
