// @ts-check
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Packs the package and judges what npm would publish: publint looks at package.json and the files it names, attw
 * (Are the types wrong?) at what TypeScript makes of it. ESM only: `require` is not supported, and not meant to be.
 */
const folder = mkdtempSync(join(tmpdir(), 'sessiongraph-package-'));
/** @param {string[]} args */
const npx = (...args) => execFileSync('npx', ['--no-install', ...args], { stdio: 'inherit' });

try {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const { name, version } = JSON.parse(
    execFileSync('npm', ['pkg', 'get', 'name', 'version'], { encoding: 'utf8' }),
  );
  const tarball = join(folder, `${name}-${version}.tgz`);
  npx('publint', 'run', tarball, '--strict');
  npx('attw', tarball, '--profile', 'esm-only');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
