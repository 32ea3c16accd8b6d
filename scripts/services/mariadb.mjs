import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installDebianPackage } from './debian-package.mjs';
import { mysqlParameters, mysqlUrl, systemUser } from './mysql-settings.mjs';
import { failureOf } from './program-failure.mjs';

const run = promisify(execFile);

/** @type {import('./services.mjs').Server} */
export const mariadb = {
  name: 'MariaDB',
  programs: ['mariadbd', 'mysqld'],
  accepts: version => /MariaDB/.test(version),
  parameters: place => [...mysqlParameters(place), '--innodb-log-file-size=48M'],
  // On the port of everything else; `require_secure_transport` can be set while it runs.
  tlsParameters: ({ certificate, key }) => [`--ssl-cert=${certificate}`, `--ssl-key=${key}`],
  url: mysqlUrl,

  async prepare(_program, folder) {
    const data = join(folder, 'data');
    if (existsSync(data) && readdirSync(data).length > 0) return;
    const settings = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-log-bin'];
    try {
      await run('mariadb-install-db', ['--no-defaults', `--datadir=${data}`, ...settings, ...systemUser()]);
    } catch (cause) {
      throw new Error(`MariaDB made no data folder: ${failureOf(cause)}`, { cause });
    }
  },

  install: () => installDebianPackage('MariaDB', 'mariadb-server'),
};
