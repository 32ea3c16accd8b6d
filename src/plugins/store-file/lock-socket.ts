import { rename } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** How long a process may take to say who it is. One that is stopped holds its lock all the same. */
const ANSWER_WITHIN_MS = 2000;
const ATTEMPTS = 3;

export interface LockSocket {
  /** Told to all who asked and wait, and to all who ask from now on. */
  becomeOwner(): void;
  close(): Promise<void>;
}

export type LockAnswer =
  | { readonly role: 'nobody' }
  | { readonly role: 'owner'; readonly holder: string }
  | { readonly role: 'candidate'; readonly holder: string; readonly decided: Promise<'owner' | 'gone'> };

/** Listens before the name can be seen: a socket under this name that refuses is dead, and not just starting. */
export async function publishSocket(folder: string, name: string): Promise<LockSocket> {
  const unseen = join(folder, `${name}.new`);
  const socket = await listenOn(unseen);
  await rename(unseen, join(folder, name)).catch(async error => {
    await socket.close();
    throw error;
  });
  return socket;
}

export async function listenOn(path: string): Promise<LockSocket> {
  const holder = `process ${process.pid} on ${hostname()}, started ${startedAt().toISOString()}`;
  const asking = new Set<Socket>();
  let role: 'candidate' | 'owner' = 'candidate';
  const tell = (socket: Socket) => socket.write(`${JSON.stringify({ role, holder })}\n`);

  const server = createServer(socket => {
    asking.add(socket);
    socket.on('close', () => asking.delete(socket)).on('error', () => asking.delete(socket));
    // The lock alone keeps no process alive.
    socket.unref();
    tell(socket);
  });
  await listen(server, path);
  server.unref();
  return {
    becomeOwner() {
      role = 'owner';
      for (const socket of asking) tell(socket);
    },
    close: () =>
      new Promise(resolve => {
        for (const socket of asking) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Without files left it can't accept: whoever asks notices, and the process must not end for it.
    server.on('error', () => undefined);
    server.listen({ path, readableAll: false, writableAll: false }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Who listens there, and as what. Nobody does only where the system says so: whatever else happens, somebody may. */
export async function askSocket(path: string): Promise<LockAnswer> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const answer = await askOnce(path);
    // Accepted and hung up: it is just ending, and refuses when asked again; or it has no file left to answer with.
    if (answer !== 'hung up') return answer;
  }
  return { role: 'owner', holder: 'a process that does not say who it is' };
}

async function askOnce(path: string): Promise<LockAnswer | 'hung up'> {
  const socket = connect(path);
  const failure = new Promise<NodeJS.ErrnoException>(resolve => socket.on('error', resolve));
  const lines = linesOf(socket);
  const first = await within(Promise.race([lines.next(), failure]), undefined);
  if (first === undefined || first instanceof Error || first.done) {
    socket.destroy();
    if (first === undefined) return { role: 'owner', holder: 'a process that does not answer' };
    if (!(first instanceof Error) || first.code === 'ECONNRESET') return 'hung up';
    if (first.code === 'ECONNREFUSED' || first.code === 'ENOENT') return { role: 'nobody' };
    return { role: 'owner', holder: `a process that can not be asked (${first.code})` };
  }
  const { role, holder } = JSON.parse(first.value) as { role: 'candidate' | 'owner'; holder: string };
  if (role === 'candidate') return { role, holder, decided: decisionOf(socket, lines) };
  socket.destroy();
  return { role, holder };
}

async function decisionOf(socket: Socket, lines: AsyncIterator<string>): Promise<'owner' | 'gone'> {
  const next = await within(lines.next(), undefined);
  socket.destroy();
  return next?.done ? 'gone' : 'owner';
}

/** Ends, and never throws, however the connection ends. */
async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let text = '';
  try {
    for await (const chunk of socket) {
      const parts = `${text}${chunk}`.split('\n');
      text = parts.pop() ?? '';
      yield* parts;
    }
  } catch {
    // Whoever asks has its own listener for errors.
  }
}

async function within<T, Late>(answer: Promise<T>, late: Late): Promise<T | Late> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Late>(resolve => {
    timer = setTimeout(() => resolve(late), ANSWER_WITHIN_MS);
  });
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
}

const startedAt = (): Date => new Date(Date.now() - Math.round(process.uptime() * 1000));
