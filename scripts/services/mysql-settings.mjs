import { join } from 'node:path';

/**
 * What MariaDB and MySQL have in common. Durable as in production: what was acknowledged survives kill -9 and power
 * loss.
 * @param {import('./services.mjs').Place} place
 */
export function mysqlParameters({ folder, port }) {
  return [
    // First of all, or the server refuses it.
    '--no-defaults',
    `--datadir=${join(folder, 'data')}`,
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'pid')}`,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    '--skip-log-bin',
    '--innodb-flush-log-at-trx-commit=1',
    '--innodb-buffer-pool-size=64M',
    '--performance-schema=OFF',
    ...systemUser(),
  ];
}

/** Both refuse to run as root unless told to. */
export function systemUser() {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

/** @param {number} port */
export function mysqlUrl(port) {
  return `mysql://root@127.0.0.1:${port}/sessiongraph_test`;
}
