import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { textFilesIn } from './repository-files.ts';

const NAMED = /['`]laws? ([\d, and]+): ([^'`]+)['`]/g;

it('docs/laws.md names every test of every law, and no other', () => {
  const tests = textFilesIn('test').flatMap(({ path, text }) =>
    [...text.matchAll(NAMED)].flatMap(([, numbers = '', title = '']) =>
      (numbers.match(/\d+/g) ?? []).map(number => `${number}: ${readable(title)} in ${path}`),
    ),
  );
  expect(listed().sort()).toEqual(tests.sort());
  expect(new Set(tests.map(test => Number.parseInt(test, 10))).size).toBe(14);
});

function listed(): string[] {
  const laws = readFileSync('docs/laws.md', 'utf8').split(/^## /m).slice(1);
  return laws.flatMap(law => {
    const tests = law.matchAll(/^- (.+) \(\[[^\]]+\]\(\.\.\/([^)]+)\)\)$/gm);
    return [...tests].map(([, title, path]) => `${Number.parseInt(law, 10)}: ${title} in ${path}`);
  });
}

/** Without what a run fills in around the sentence. */
const readable = (title: string) => title.replace(/^\$\{name\}: /, '').replace(/, seed \$\{SEED\}$/, '');
