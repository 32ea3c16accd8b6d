import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

const LEAST_REWRITTEN_BYTES = 1024 * 1024;

/** A file of lines that only grows, until what it says is written anew in fewer of them. */
export interface DurableLines {
  /** Resolves when the line survives a power cut. Lines that come together share one sync. */
  append(line: string): Promise<void>;
  /** After what was appended. */
  close(): Promise<void>;
}

/** Undefined where the file is not there. What stands behind the last line break was cut off, and nobody was promised it. */
export async function readLines(path: string): Promise<string[] | undefined> {
  try {
    return (await readFile(path, 'latin1')).split('\n').slice(0, -1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * `summarize` gives the lines that say what the file has to say by now, everything that was appended included. They
 * are written at the beginning, when the file has grown to twice their size, and after a write that failed: who knows
 * what is behind its end.
 */
export function createDurableLines(path: string, summarize: () => readonly string[]): DurableLines {
  let file: FileHandle | undefined;
  let [bytes, rewriteAt] = [0, 0];
  let waiting: { readonly line: string; resolve(): void; reject(error: Error): void }[] = [];
  let flushing: Promise<void> | undefined;

  async function rewrite(): Promise<void> {
    await file?.close().catch(() => {});
    file = undefined;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const text = summarize().map(line => `${line}\n`);
    const fresh = await open(`${path}.new`, 'w', 0o600);
    try {
      await fresh.writeFile(text.join(''));
      await fresh.sync();
      await rename(`${path}.new`, path);
      await syncFolder(dirname(path));
    } catch (error) {
      await fresh.close();
      throw error;
    }
    file = fresh;
    bytes = text.reduce((sum, line) => sum + line.length, 0);
    rewriteAt = Math.max(LEAST_REWRITTEN_BYTES, 2 * bytes);
  }

  async function write(lines: readonly string[]): Promise<void> {
    if (!file || bytes > rewriteAt) return rewrite();
    const text = lines.map(line => `${line}\n`).join('');
    try {
      await file.writeFile(text);
      await file.datasync();
    } catch (error) {
      await file.close().catch(() => {});
      file = undefined;
      throw error;
    }
    bytes += text.length;
  }

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await write(batch.map(({ line }) => line)).then(
        () => batch.forEach(({ resolve }) => void resolve()),
        error => batch.forEach(({ reject }) => void reject(error)),
      );
    }
    flushing = undefined;
  }

  return {
    append(line) {
      const done = new Promise<void>((resolve, reject) => waiting.push({ line, resolve, reject }));
      flushing ??= Promise.resolve().then(flush);
      return done;
    },
    async close() {
      await flushing;
      await file?.close();
    },
  };
}

/** Only then is the new name as durable as the bytes. Windows cannot, and need not. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}
