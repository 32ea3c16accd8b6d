import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readDependencies } from '../../scripts/package/dependencies.mjs';

interface Component {
  readonly purl: string;
  readonly hashes?: readonly unknown[];
}

it('the bill of materials names all that is installed, in the version and by the hash of the lock file', () => {
  const printed = execFileSync('npm', ['run', '--silent', 'sbom'], { encoding: 'utf8' });
  const { bomFormat, components } = JSON.parse(printed) as { bomFormat: string; components: Component[] };
  expect(bomFormat).toBe('CycloneDX');
  const named = components.map(({ purl }) => decodeURIComponent(purl));
  const dependencies = readDependencies(readFileSync('package-lock.json', 'utf8'));
  const missing = dependencies.filter(
    ({ name, version, isOptional }) => !isOptional && !named.includes(`pkg:npm/${name}@${version}`),
  );
  expect(missing).toEqual([]);
  expect(components.filter(({ hashes }) => !hashes?.length)).toEqual([]);
});
