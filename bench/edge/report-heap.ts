import { writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { heapBytes } from '../measure.ts';

/**
 * Loaded into the measured server: says what it holds without its garbage, when it is asked by SIGUSR2. The resident
 * memory would not do: the room that V8 keeps for young objects comes and goes by tens of MiB.
 */
setFlagsFromString('--expose-gc');
globalThis.gc = runInNewContext('gc');

process.on('SIGUSR2', async () => {
  writeFileSync(process.env.HEAP_FILE ?? '', `${await heapBytes()}\n`);
});
