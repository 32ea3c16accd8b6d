import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Answers, Request } from './process.ts';

const PROCESS = fileURLToPath(new URL('./process.js', import.meta.url));
const run = promisify(execFile);

export async function runProcess<R extends Request>(request: R): Promise<Answers[R['task']]> {
  const { stdout } = await run(process.execPath, [PROCESS, JSON.stringify(request)], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}
