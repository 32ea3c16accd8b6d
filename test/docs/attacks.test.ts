import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { textFilesIn } from './repository-files.ts';

const files = new Map(textFilesIn('test').map(({ path, text }) => [path, text]));
const rows = readFileSync('docs/attacks.md', 'utf8').matchAll(/^- (.+) \(\[[^\]]+\]\(\.\.\/([^)]+)\)\)$/gm);
const listed = [...rows].map(([, title = '', path = '']) => ({ title, path }));

it('docs/attacks.md names tests that are there', () => {
  expect(listed.length).toBeGreaterThan(30);
  expect(listed.filter(({ title, path }) => !files.get(path)?.includes(title))).toEqual([]);
});

it('docs/attacks.md names every test of an attack', () => {
  const titles = [...files].flatMap(([path, text]) =>
    path === 'test/docs/attacks.test.ts'
      ? []
      : [...text.matchAll(/['`](attack: [^'`]+)['`]/g)].map(([, title = '']) => ({ title, path })),
  );
  const known = new Set(listed.map(({ title, path }) => `${path}: ${title}`));
  expect(titles.filter(({ title, path }) => !known.has(`${path}: ${title}`))).toEqual([]);
});
