import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, reasonForNoProgram, thisMachine } from '../../scripts/services/find-server.mjs';
import { freePort, launch } from '../../scripts/services/launch.mjs';
import type { ServiceName } from '../../scripts/services/services.mjs';

/** A server of a test's own, with its own data, always at the same address. */
export interface DatabaseServer {
  readonly url: string;
  readonly port: number;
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

/** Resolves when it answers. @throws Where there is no program for it: `describeWithOwnServer` keeps from that. */
export async function startDatabase(name: ServiceName): Promise<DatabaseServer> {
  const found = findProgram(name, thisMachine());
  if (found === undefined) throw new Error(reasonForNoProgram(name));
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
