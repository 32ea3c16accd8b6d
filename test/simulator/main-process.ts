import { type StdioOptions, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/simulator/main.js', import.meta.url));
const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** The simulator as `npm run simulator` starts it; it ends with the test. */
export function startMain(stdin: 'pipe' | 'ignore' = 'pipe') {
  const stdio: StdioOptions = [stdin, 'pipe', 'inherit'];
  const child = spawn(process.execPath, [MAIN], { stdio });
  ends.push(() => child.kill());
  const lines: string[] = [];
  if (child.stdout === null) throw new Error('the output is a pipe');
  const output = createInterface({ input: child.stdout }).on('line', line => lines.push(line));
  return {
    say: (line: string) => child.stdin?.write(`${line}\n`),
    exited: new Promise(resolve => child.once('exit', resolve)),
    async line(pattern: RegExp): Promise<string> {
      for (;;) {
        const found = lines.find(line => pattern.test(line));
        if (found) return found;
        await new Promise(resolve => output.once('line', resolve));
      }
    },
  };
}
