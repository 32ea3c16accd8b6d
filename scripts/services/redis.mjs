import { installDebianPackage } from './debian-package.mjs';

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

  install: () => installDebianPackage('Redis', 'redis-server'),
};
