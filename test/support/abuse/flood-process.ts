import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const FLOOD = fileURLToPath(new URL('./flood.mjs', import.meta.url));

/** How often each attack ended in which way. */
export type Endings = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Flood {
  stop(): Promise<Endings>;
}

export function startFlood(url: string, token: string): Flood {
  const child = spawn(process.execPath, [FLOOD, url, token], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  pinToCore(child.pid, 1);
  return {
    async stop() {
      const told = once(child, 'message') as Promise<[Endings]>;
      child.send('stop');
      return (await told)[0];
    },
  };
}

/** All threads of a process on one core, where there is `taskset`: who floods takes no time from who is flooded. */
export function pinToCore(pid: number | undefined, core: number): void {
  spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)]);
}
