import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RepositoryFile, repositoryFiles } from './repository-files.ts';

const LINK = /\]\(([^)\s]+)\)/g;

const pages = repositoryFiles().filter(({ path }) => path.endsWith('.md'));

describe.each(pages)('$path', page => {
  it('links to what exists', () => {
    expect(linksOf(page).filter(link => !leadsSomewhere(page, link))).toEqual([]);
  });

  it('names scripts that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const named = [...page.text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name]) => name ?? '');
    expect(named.filter(name => !(name in scripts))).toEqual([]);
  });
});

function linksOf({ text }: RepositoryFile): string[] {
  return [...text.matchAll(LINK)].map(([, link]) => link ?? '').filter(link => !/^https?:/.test(link));
}

function leadsSomewhere({ path }: RepositoryFile, link: string): boolean {
  const [target = '', anchor] = link.split('#');
  const file = target === '' ? path : posix.join(posix.dirname(path), target);
  return existsSync(file) && (anchor === undefined || anchorsIn(readFileSync(file, 'utf8')).includes(anchor));
}

/** As GitHub makes them. */
function anchorsIn(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading ?? '');
  return headings.map(heading =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
}
