import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { programFolder } from './cache.mjs';
import { failureOf } from './program-failure.mjs';

const run = promisify(execFile);
const MODULE = fileURLToPath(new URL('./ferretdb/', import.meta.url));
/** As in ferretdb/go.mod. */
const VERSION = '1.24.0';
/** Also of what is around it: another name where main.go learns something, or an older one would be found. */
const BUILT_PROGRAM = `ferretdb-${VERSION}-tls`;

/** MongoDB's protocol over SQLite; one Go program that builds anywhere. */
/** @type {import('./services.mjs').Server} */
export const ferretdb = {
  name: 'FerretDB',
  version: VERSION,
  // Not its own program on a PATH: that takes other parameters, and the next major version needs PostgreSQL.
  programs: [],
  builtProgram: BUILT_PROGRAM,
  parameters: ({ folder, port }) => [`-listen-addr=127.0.0.1:${port}`, `-data=${folder}`],
  tlsParameters: ({ port, certificate, key }) => [
    `-listen-tls=127.0.0.1:${port}`,
    `-tls-cert=${certificate}`,
    `-tls-key=${key}`,
  ],
  url: port => `mongodb://127.0.0.1:${port}/sessiongraph_test`,

  async install() {
    const program = join(programFolder(process.env), BUILT_PROGRAM);
    const settings = ['-trimpath', '-ldflags=-s -w', '-tags=ferretdb_no_postgresql'];
    try {
      await run('go', ['build', ...settings, '-o', program, '.'], {
        cwd: MODULE,
        env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
      });
    } catch (cause) {
      return `FerretDB was not built: ${failureOf(cause)}`;
    }
  },
};
