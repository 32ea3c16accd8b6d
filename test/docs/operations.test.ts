import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { textFilesIn } from './repository-files.ts';

const page = readFileSync('docs/operations.md', 'utf8');
const sources = textFilesIn('src').map(({ text }) => text);

/** The names in the first column of a section's table. */
function named(heading: string): string[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const cells = section.split('\n').flatMap(line => /^\| (`[^|]+`) +\|/.exec(line)?.[1] ?? []);
  return cells.flatMap(cell => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '')).sort();
}

const inSources = (pattern: RegExp): string[] =>
  [...new Set(sources.flatMap(text => [...text.matchAll(pattern)].map(([, name]) => name ?? '')))].sort();

describe('docs/operations.md', () => {
  it('names every event that is logged, and no other', () => {
    expect(named('The log')).toEqual(inSources(/\bevent: '([a-z.]+)'/g));
  });

  it('names every metric of ours, and no other', async () => {
    const metrics = createMetrics({ version: '', node: '', baileys: '' });
    metrics.readBusFrom(() => ({ isUp: true, dropped: 0 }));
    const text = await metrics.render({
      webSockets: 0,
      httpResponses: 0,
    });
    const ours = [...text.matchAll(/^# HELP (sessiongraph_\w+)/gm)].map(([, name]) => name ?? '');
    expect(named('Metrics')).toEqual(ours.sort());
  });

  it('names everything that the doctor can find, and nothing else', () => {
    expect(named('The doctor')).toEqual(inSources(/\b(?:problem|note)\(\s*'([A-Z_]+)'/g));
  });
});

it('every line of the log has the name of an event', () => {
  const calls = textFilesIn('src')
    .filter(({ path }) => !/^src\/(simulator|demo|cli)\//.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\b(?:logger|log)\.(?:info|warn|error|debug)\(\s*([^)]{0,60})/g)].map(
        ([, begin = '']) => `${path}: ${begin}`,
      ),
    );
  expect(calls.length).toBeGreaterThan(10);
  expect(calls.filter(call => !/: \{\s*event: '|: fields,/.test(call))).toEqual([]);
});
