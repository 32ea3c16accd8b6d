import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readDependencies } from '../../scripts/package/dependencies.mjs';

const PERMISSIVE = ['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0'];
/** Signal's protocol, which Baileys can't do without: SECURITY.md and docs/operations.md tell what follows. */
const KNOWN: Readonly<Record<string, string>> = { libsignal: 'GPL-3.0' };

const dependencies = readDependencies(readFileSync('package-lock.json', 'utf8'));

it('every dependency has a licence that asks no more than to be named, but for one that is known', () => {
  // Optional ones come with Baileys for pictures, which this program does not make.
  const others = dependencies.filter(
    ({ licence, isOptional }) => !isOptional && !PERMISSIVE.includes(licence),
  );
  expect(Object.fromEntries(others.map(({ name, licence }) => [name, licence]))).toEqual(KNOWN);
});

it('what is installed has no version that moves', () => {
  const { dependencies: direct, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const moving = Object.entries({ ...direct, ...devDependencies }).filter(
    ([, version]) => !/^\d/.test(String(version)),
  );
  expect(moving).toEqual([]);
  expect(dependencies.length).toBeGreaterThan(50);
});
