import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { failureOf } from './program-failure.mjs';

const run = promisify(execFile);

/** Keeps nothing: what goes through it is gone when it was delivered. */
/** @type {import('./services.mjs').Server} */
export const redis = {
  name: 'Redis',
  programs: ['redis-server', 'valkey-server'],
  parameters: ({ folder, port }) => [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
    ...['--save', '', '--appendonly', 'no'],
  ],
  url: port => `redis://127.0.0.1:${port}`,

  async install() {
    if (process.getuid?.() !== 0) return 'Redis was not installed: that takes root';
    // The package's own server is none of ours: a run level of 1 keeps it from being started.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    try {
      await run('apt-get', ['update'], { env });
      await run('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], { env });
    } catch (cause) {
      return `Redis was not installed: ${failureOf(cause)}`;
    }
  },
};
