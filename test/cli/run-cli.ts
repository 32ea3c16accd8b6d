import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../../src/cli/command-line.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** The command line to its end, in this process: what it prints is what the program prints. */
export async function runCli(
  args: readonly string[],
  environment: Record<string, string> = {},
  onLine: (line: string) => void = () => {},
): Promise<Ran> {
  let [output, errors] = ['', ''];
  const code = await runCommandLine(args, {
    environment,
    write(text) {
      output += `${text}\n`;
      onLine(text);
    },
    writeError(text) {
      errors += `${text}\n`;
    },
  });
  return { code, output, errors };
}

/** The program itself. */
export function startCli(args: readonly string[], environment: Record<string, string> = {}) {
  return spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
