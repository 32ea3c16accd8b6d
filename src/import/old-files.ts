import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';

/** What became of the wish to read a file. */
export type OldFile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly why: string; readonly cause?: unknown };

// Windows has no such flag, and needs a right of its own to make a link.
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

/** Of a plain file only: a link could lead out of the directory, and a pipe would never end. */
export async function readOldFile(path: string): Promise<OldFile> {
  try {
    const found = await lstat(path);
    if (found.isSymbolicLink())
      return { kind: 'unreadable', why: 'is a symbolic link, which is not followed' };
    if (!found.isFile()) return { kind: 'unreadable', why: 'is not a file' };
    const file = await open(path, constants.O_RDONLY | NO_FOLLOW);
    try {
      return { kind: 'text', text: await file.readFile('utf8') };
    } finally {
      await file.close();
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { kind: 'absent' };
    return { kind: 'unreadable', why: `cannot be read (${code})`, cause };
  }
}
