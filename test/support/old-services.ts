import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './condition.ts';

/** What each test calls its own database, so that they don't meet. */
export const ownDatabaseName = () => `old_${process.pid}_${Date.now().toString(36)}`;

export function hasRedis(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** What redis-cli prints. */
  cli(...words: string[]): string;
  stop(): Promise<void>;
}

/** A Redis of one's own, with a password. */
export async function startRedis(password: string): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sessiongraph-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const server = spawn('redis-server', [...args, '--requirepass', password], { stdio: 'ignore' });
  await until('redis answers', () => answers(port));
  return {
    port,
    url: `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}/3`,
    cli: (...words) =>
      execFileSync('redis-cli', ['-p', String(port), '-n', '3', ...words], {
        encoding: 'utf8',
        env: { ...process.env, REDISCLI_AUTH: password },
      }).trimEnd(),
    async stop() {
      server.kill('SIGKILL');
      await once(server, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
