import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const own = JSON.parse(readFileSync('package.json', 'utf8'));
const packed = readPacked();

/** What npm would publish of what is built. */
function readPacked(): string[] {
  // `npm test` has built; to build again here would take `dist` away from tests that run it.
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const listing = JSON.parse(
    execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  const [{ files }] = Array.isArray(listing) ? listing : Object.values(listing);
  return files.map(({ path }: { path: string }) => path);
}

const PAGES = /^(docs\/[a-z-]+\.(md|svg)|README\.md|CHANGELOG\.md|SECURITY\.md|LICENSE)$/;
const PROGRAM = /^dist\/(?!demo\/)[a-z0-9/-]+\.(js|d\.ts)$/;
const GRAPHIQL = /^dist\/graphiql\/graphiql\.css$/;

it('holds the program, its pages and its schema, and nothing else', () => {
  const known = (path: string) => [PAGES, PROGRAM, GRAPHIQL].some(part => part.test(path));
  expect(packed.filter(path => !known(path)).sort()).toEqual(['package.json', 'schema.graphql']);
});

it('holds every page that there is, and every file that package.json names', () => {
  for (const page of ['README.md', 'SECURITY.md', 'LICENSE', 'docs/operations.md'])
    expect(packed).toContain(page);
  const { types, default: library } = own.exports['./auth-state'];
  for (const path of [types, library, own.bin.sessiongraph]) {
    expect(packed).toContain(path.replace(/^\.\//, ''));
  }
});

it('has a command that can be run', () => {
  expect(existsSync(own.bin.sessiongraph)).toBe(true);
  expect(readFileSync(own.bin.sessiongraph, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});
