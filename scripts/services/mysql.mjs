import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mysqlParameters, mysqlUrl, systemUser } from './mysql-settings.mjs';
import { failureOf } from './program-failure.mjs';

const run = promisify(execFile);

/** Used where it is on the PATH; Debian has MariaDB only. */
/** @type {import('./services.mjs').Server} */
export const mysql = {
  name: 'MySQL',
  programs: ['mysqld'],
  accepts: version => !/MariaDB/.test(version),
  parameters: place => [...mysqlParameters(place), '--mysqlx=OFF'],
  url: mysqlUrl,

  async prepare(program, folder) {
    const data = join(folder, 'data');
    if (existsSync(data)) return;
    try {
      await run(program, ['--no-defaults', '--initialize-insecure', `--datadir=${data}`, ...systemUser()]);
    } catch (cause) {
      throw new Error(`MySQL made no data folder: ${failureOf(cause)}`, { cause });
    }
  },
};
