import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { repositoryFiles } from './repository-files.ts';

const VARIABLE = /`([A-Z][A-Z_]+)`/g;

const readme = readFileSync('README.md', 'utf8');
const environment = section(readme, '## Environment');
const [table = '', notYet = ''] = environment.split('not available yet:');
const documented = variablesIn(firstColumn(table));
const announced = variablesIn(notYet);

it('the README has every variable that the configuration reads, and no other', () => {
  const sources = repositoryFiles().filter(({ path }) => /^src\/config(\/|\.ts$)/.test(path));
  const read = sources.flatMap(({ text }) => [...text.matchAll(/'([A-Z]+(?:_[A-Z]+)*)'|\braw\.([A-Z_]+)/g)]);
  const names = new Set(read.map(([, quoted, plain]) => quoted ?? plain ?? ''));
  // Refused by name until their stores are there.
  const known = [...names].filter(name => !announced.includes(name));
  expect(documented.toSorted()).toEqual(known.toSorted());
});

it('.env.example names the variables of the README, all of them commented out', () => {
  const lines = readFileSync('.env.example', 'utf8').split('\n');
  const named = lines.flatMap(line => /^#([A-Z][A-Z_]+)=/.exec(line)?.[1] ?? []);
  expect(named.toSorted()).toEqual([...documented, ...announced].toSorted());
  expect(lines.filter(line => line !== '' && !line.startsWith('#'))).toEqual([]);
});

it('.env.example says which variables are not available yet', () => {
  const example = readFileSync('.env.example', 'utf8');
  const marked = example.split('\n\n').filter(paragraph => paragraph.startsWith('# Not available yet'));
  const names = marked.flatMap(paragraph =>
    [...paragraph.matchAll(/^#([A-Z_]+)=/gm)].map(([, name]) => name),
  );
  expect(names.toSorted()).toEqual(announced.toSorted());
});

function section(text: string, heading: string): string {
  return text.split(`\n${heading}\n`)[1]?.split('\n## ')[0] ?? '';
}

function firstColumn(markdown: string): string {
  const rows = markdown.split('\n').filter(line => line.startsWith('| `'));
  return rows.map(row => row.split('|')[1]).join('\n');
}

function variablesIn(text: string): string[] {
  return [...text.matchAll(VARIABLE)].map(([, name]) => name ?? '');
}
