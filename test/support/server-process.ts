import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { mintToken } from '../../src/auth.ts';
import { type ApiClient, createApiClient } from './api-client.ts';

export const TOKEN_SECRET = 'a token secret for tests, long enough for HS256';
export const ENCRYPTION_SECRET = '5e'.repeat(32);
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const WARM_LAUNCHER = fileURLToPath(new URL('./warm-launcher.mjs', import.meta.url));
const DEFAULTS = {
  PORT: '0',
  LOG_LEVEL: 'warn',
  LOG_FORMAT: 'json',
  AUTH_JWT_SECRET: TOKEN_SECRET,
  SESSION_ENCRYPTION_SECRET: ENCRYPTION_SECRET,
  INSTANCE_ID: 'test-server',
};

/** A real server process, as `npm start` runs it. */
export interface ServerProcess {
  readonly api: ApiClient;
  readonly process: ChildProcess;
  /** Of `api`: an administrator's. */
  readonly token: string;
  /** Everything it printed so far. */
  output(): string;
  /** Resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

/** How a process comes to be: loaded from the start, or from a spare that has its modules already. */
export interface Launcher {
  launch(environment: Record<string, string>): ChildProcess;
  close(): void;
}

export const coldLauncher: Launcher = {
  launch: environment =>
    spawn(process.execPath, [MAIN], {
      env: { PATH: process.env.PATH ?? '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  close() {},
};

export function createWarmLauncher(): Launcher {
  let spare = spawnSpare();
  return {
    launch(environment) {
      const child = spare;
      child.send(environment);
      spare = spawnSpare();
      return child;
    },
    close: () => void spare.kill('SIGKILL'),
  };
}

function spawnSpare(): ChildProcess {
  return spawn(process.execPath, [WARM_LAUNCHER], {
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

export async function startServerProcess(
  environment: Record<string, string>,
  launcher: Launcher = coldLauncher,
): Promise<ServerProcess> {
  const child = launcher.launch({ ...DEFAULTS, ...environment });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', chunk => {
      printed += chunk;
    });
  }
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const url = await waitForUrl(child, () => printed);
  const token = await mintToken({
    secret: TOKEN_SECRET,
    subject: 'tests',
    scopes: ['admin'],
    ttlMs: 3_600_000,
  });
  const api = createApiClient(url, token);
  return {
    api,
    process: child,
    token,
    output: () => printed,
    async kill(signal) {
      child.kill(signal);
      const [code] = await exited;
      await api.close();
      return code;
    },
  };
}

async function waitForUrl(child: ChildProcess, printed: () => string): Promise<string> {
  const read = () => /^listening on (http\S+)$/m.exec(printed())?.[1];
  while (read() === undefined) {
    if (child.exitCode !== null) throw new Error(`the server did not start:\n${printed()}`);
    await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), once(child, 'exit')]);
  }
  return read() as string;
}
