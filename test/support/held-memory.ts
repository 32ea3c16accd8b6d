import { readFile, rm } from 'node:fs/promises';
import { until } from './condition.ts';

/** What a process holds once its garbage is collected. */
export interface HeldMemory {
  /** Of the heap, and of the buffers outside it. */
  readonly liveBytes: number;
  /** As Linux counts it: with the room that V8 and malloc keep. */
  readonly residentBytes: number;
}

/**
 * Loaded into the measured process: it answers SIGUSR2. Seen from outside, the room that V8 keeps for young objects
 * comes and goes by tens of MiB. Several rounds: a buffer outside the heap is given back only after its finaliser ran.
 */
const REPORTER = `
import { renameSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('SIGUSR2', async () => {
  for (let round = 0; round < 5; round += 1) {
    collect();
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const file = process.env.MEMORY_FILE;
  writeFileSync(file + '.new', JSON.stringify({ liveBytes: heapUsed + external, residentBytes: rss }));
  renameSync(file + '.new', file);
});
`;

/** The environment of a process that can be asked by {@link askHeldMemory}. */
export const reportingTo = (file: string) => ({
  MEMORY_FILE: file,
  NODE_OPTIONS: `--import data:text/javascript;base64,${Buffer.from(REPORTER).toString('base64')}`,
});

/** The process has to run: one that is stopped does not answer. */
export async function askHeldMemory(pid: number, file: string): Promise<HeldMemory> {
  await rm(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  const answer = await until(`process ${pid} says what it holds`, () =>
    readFile(file, 'utf8').catch(() => undefined),
  );
  return JSON.parse(answer);
}
