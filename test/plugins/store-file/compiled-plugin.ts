import { type ChildProcess, execFile, fork } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const COMPILER = 'node_modules/typescript/bin/tsc';
const OPTIONS =
  '--ignoreConfig --target es2023 --module nodenext --types node --skipLibCheck --rewriteRelativeImportExtensions';

/** The plugin and the scripts beside this file as JavaScript, for tests that need processes of their own. */
export async function compilePlugin(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sg-compiled-'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const script = 'test/plugins/store-file/store-process.ts';
  await promisify(execFile)(process.execPath, [
    COMPILER,
    script,
    ...OPTIONS.split(' '),
    '--rootDir',
    '.',
    '--outDir',
    folder,
  ]);
  return folder;
}

export interface StoreProcess {
  readonly child: ChildProcess;
  /** What it has said, and then what it says; ends with the process. */
  readonly lines: AsyncIterableIterator<string>;
  /** Kills it with SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

export function startProcess(folder: string, ...args: string[]): StoreProcess {
  const script = join(folder, 'test/plugins/store-file/store-process.js');
  const child = fork(script, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
  return {
    child,
    lines,
    kill: () => {
      child.kill('SIGKILL');
      return gone;
    },
  };
}
