import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, reasonForNoProgram, thisMachine } from '../../scripts/services/find-server.mjs';
import { freePort, launch } from '../../scripts/services/launch.mjs';
import type { Server, ServiceName } from '../../scripts/services/services.mjs';

/** A server of a test's own, with its own data, always at the same address. */
export interface DatabaseServer {
  readonly url: string;
  readonly port: number;
  /** Where it takes TLS, where it was started so. */
  readonly tlsPort: number;
  /** Resolves when the process is gone; its data stays. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** It holds its connections and answers nothing. */
  pause(): void;
  resume(): void;
  /** Starts it again on the same data, killing it where it runs. Resolves when it answers. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

export interface DatabaseServerOptions {
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Of the program, besides those it is always started with. */
  readonly parameters?: readonly string[];
}

/** Resolves when it answers. @throws Where there is no program for it: `describeWithOwnServer` keeps from that. */
export async function startDatabase(
  name: ServiceName,
  options: DatabaseServerOptions = {},
): Promise<DatabaseServer> {
  const program = findProgram(name, thisMachine());
  if (program === undefined) throw new Error(reasonForNoProgram(name));
  const tlsPort = await freePort();
  const found = { ...program, server: withOptions(program.server, tlsPort, options) };
  const place = { folder: mkdtempSync(join(tmpdir(), `sessiongraph-own-${name}-`)), port: await freePort() };
  const start = () => launch(found, place, { outlivesUs: 'no' });
  let { child } = await start();

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  return {
    url: found.server.url(place.port),
    port: place.port,
    tlsPort: name === 'mongodb' ? tlsPort : place.port,
    kill,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async restart() {
      await kill();
      ({ child } = await start());
    },
    async stop() {
      await kill();
      rmSync(place.folder, { recursive: true, force: true });
    },
  };
}

function withOptions(server: Server, port: number, { tls, parameters = [] }: DatabaseServerOptions): Server {
  if (tls && !server.tlsParameters)
    throw new Error(`tests do not know how ${server.name} is told to take TLS`);
  const more = [...(tls ? (server.tlsParameters?.({ port, ...tls }) ?? []) : []), ...parameters];
  return { ...server, parameters: place => [...server.parameters(place), ...more] };
}
