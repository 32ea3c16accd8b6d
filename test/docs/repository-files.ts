import { readdirSync, readFileSync, statSync } from 'node:fs';
import { posix } from 'node:path';

export interface RepositoryFile {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

const FOLDERS = ['.ci', 'bench', 'deploy', 'docs', 'scripts', 'src', 'test'];
const BINARY = /\.(png|ico|gif)$/;
/** What a run leaves behind; git does not have it either. A work tree has a file in place of the folder .git. */
const MADE = /^(\.git|package-lock\.json|\.env|.*\.(log|tsbuildinfo))$/;

/** Every text file of a folder and of those below it. */
export function textFilesIn(folder: string): RepositoryFile[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name =>
    name.replaceAll('\\', '/'),
  );
  return names.map(name => posix.join(folder, name)).flatMap(readIfText);
}

/** Every text file that somebody wrote. */
export function repositoryFiles(): RepositoryFile[] {
  const rootNames = readdirSync('.').filter(name => !MADE.test(name));
  const present = FOLDERS.filter(folder => statSync(folder, { throwIfNoEntry: false }));
  return [...rootNames.flatMap(readIfText), ...present.flatMap(textFilesIn)];
}

function readIfText(path: string): RepositoryFile[] {
  if (BINARY.test(path) || !statSync(path).isFile()) return [];
  return [{ path, text: readFileSync(path, 'utf8') }];
}
