import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { mintToken } from '../src/auth.ts';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));
const TOKEN_SECRET = 'a token secret for the bench, long enough for HS256';

/** What the queries of this bench answer. */
interface Answer {
  readonly session?: { readonly status?: string; readonly qr?: { readonly data: string } | null } | null;
}

/** A server in a process of its own, by its public API. */
export interface IdleServer {
  readonly pid: number;
  readonly url: string;
  tokenFor(subject: string): Promise<string>;
  request(query: string, variables?: Record<string, unknown>): Promise<Answer>;
  /** Asks again until there is an answer. */
  until<T>(query: string, read: (answer: Answer) => T | undefined | false): Promise<T>;
  /** Asks it to end; how long that took, and with which exit code it ended. */
  stop(): Promise<{ readonly ms: number; readonly exitCode: number | null }>;
}

export async function startIdleServer(
  folder: string,
  whatsAppUrl: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<IdleServer> {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env.PATH ?? '',
      PORT: '0',
      LOG_LEVEL: 'warn',
      LOG_FORMAT: 'json',
      AUTH_JWT_SECRET: TOKEN_SECRET,
      SESSION_ENCRYPTION_SECRET: '5e'.repeat(32),
      WHATSAPP_AUTH_DIR: folder,
      WHATSAPP_WS_URL: whatsAppUrl,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const url = await readUrl(child.stdout);
  const tokenFor = (subject: string) =>
    mintToken({ secret: TOKEN_SECRET, subject, scopes: ['admin'], ttlMs: 3_600_000 });
  const token = await tokenFor('bench');

  async function request(query: string, variables = {}): Promise<Answer> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: Answer; errors?: unknown };
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }
  return {
    pid: child.pid ?? 0,
    url,
    tokenFor,
    request,
    async until(query, read) {
      for (;;) {
        const value = read(await request(query));
        if (value !== undefined && value !== false) return value;
        await new Promise(resolve => setTimeout(resolve, 20));
      }
    },
    async stop() {
      const began = performance.now();
      child.kill('SIGTERM');
      const [exitCode] = (await exited) as [number | null];
      return { ms: performance.now() - began, exitCode };
    },
  };
}

export async function readUrl(output: NodeJS.ReadableStream): Promise<string> {
  let printed = '';
  return new Promise((resolve, reject) => {
    output.on('data', chunk => {
      printed += chunk;
      const url = /^listening on (http\S+)$/m.exec(printed)?.[1];
      if (url) resolve(url);
    });
    output.on('end', () => reject(new Error(`the server did not start:\n${printed}`)));
  });
}
