import { unwatchFile, watchFile } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a token id may be to stand in the list: no blanks, so that each line begins with one, and no remark. */
export const TOKEN_ID = /^(?!#)[\x21-\x7e]{1,256}$/;

const POLL_MS = 1_000;

/** Tokens that are valid no more, although they have not expired. */
export interface RevokedTokens {
  has(tokenId: string): boolean;
  /** Calls back, once, when the token is revoked from now on. Returns the way to call it off. */
  onRevoked(tokenId: string, callback: () => void): () => void;
}

export interface RevokedTokensOptions {
  readonly path: string;
  /** The list cannot be read any more; what it held stays revoked. */
  readonly onFailure: (error: Error) => void;
  readonly pollMs?: number;
}

/**
 * The list as a file holds it: a token id a line, the rest of a line is a remark. A file that is not there is an
 * empty list; one that cannot be read fails the start, for nobody knows whom it would keep out. It is looked at
 * every second, not watched by events: those do not come from network disks and mounted configuration.
 */
export async function openRevokedTokens({ path, onFailure, pollMs = POLL_MS }: RevokedTokensOptions) {
  let revoked = await readList(path);
  const waiting = new Map<string, Set<() => void>>();

  async function reload() {
    try {
      revoked = await readList(path);
    } catch (error) {
      return onFailure(error as Error);
    }
    for (const [tokenId, callbacks] of waiting) {
      if (!revoked.has(tokenId)) continue;
      waiting.delete(tokenId);
      for (const callback of callbacks) callback();
    }
  }
  const look = () => void reload();
  watchFile(path, { interval: pollMs, persistent: false }, look);

  const tokens: RevokedTokens = {
    has: tokenId => revoked.has(tokenId),
    onRevoked(tokenId, callback) {
      const callbacks = waiting.get(tokenId) ?? new Set();
      waiting.set(tokenId, callbacks.add(callback));
      return () => {
        callbacks.delete(callback);
        if (callbacks.size === 0 && waiting.get(tokenId) === callbacks) waiting.delete(tokenId);
      };
    },
  };
  return { ...tokens, close: () => unwatchFile(path, look) };
}

/** Adds a token to the list, durably. Every server that reads the file refuses it from its next look on. */
export async function revokeToken(path: string, tokenId: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'a+', 0o600);
  try {
    const before = await file.readFile('utf8');
    const separator = before === '' || before.endsWith('\n') ? '' : '\n';
    await file.appendFile(`${separator}${tokenId} # ${new Date().toISOString()}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readList(path: string): Promise<ReadonlySet<string>> {
  const text = await readFile(path, 'utf8').catch(cause => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new Error(`the list of revoked tokens cannot be read: ${path}`, { cause });
  });
  const ids = text.split('\n').map(line => line.trim().split(/\s/, 1)[0] ?? '');
  return new Set(ids.filter(id => id !== '' && !id.startsWith('#')));
}
