import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

/** The server as `npm start` runs it: a process of its own. */
export interface ServerProcess extends Greeting {
  /** Resolves with the exit code when the process is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

interface Greeting {
  readonly url: string;
  /** The admin token that it prints where nobody has configured how tokens are made. */
  readonly token: string;
}

/** Resolves when it prints that it listens. `folder` is where its relative paths lead. */
export async function startServerProcess(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [MAIN], {
    cwd: folder,
    // Of the caller's environment only what programs need to run: its STORES or MONGODB_URI are none of our business.
    env: { PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const killChild = () => void child.kill('SIGKILL');
  // Before whatever else happens at the exit: the folder it writes to is removed then.
  process.prependOnceListener('exit', killChild);
  exited.finally(() => process.off('exit', killChild));

  return {
    ...(await readGreeting(child)),
    async end(signal) {
      child.kill(signal);
      return (await exited)[0];
    },
  };
}

function readGreeting(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Greeting> {
  let token = '';
  let complaints = '';
  child.stderr.on('data', chunk => {
    complaints += chunk;
  });
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', line => {
      token ||= /^admin token \(development only\): (\S+)$/.exec(line)?.[1] ?? '';
      const url = /^listening on (\S+)$/.exec(line)?.[1];
      if (url !== undefined) resolve({ url, token });
    });
    child.once('exit', () => reject(new Error(`the server did not start. ${complaints.trim()}`)));
  });
}
