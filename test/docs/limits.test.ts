import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/app/limits.ts';
import { ADJUSTABLE_LIMITS, type AdjustableLimit } from '../../src/config/limits.ts';

it('docs/security.md lists every limit that can be set, with its default', () => {
  const rows = readFileSync('docs/security.md', 'utf8').matchAll(/^\| `(\w+)` +\| .+ \| (\d+) +\|$/gm);
  const documented = [...rows].map(([, name, value]) => [name, Number(value)]);
  const names = Object.keys(ADJUSTABLE_LIMITS) as AdjustableLimit[];
  expect(Object.fromEntries(documented)).toEqual(
    Object.fromEntries(names.map(name => [name, DEFAULT_LIMITS[name]])),
  );
});
