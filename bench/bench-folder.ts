import { mkdtemp, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const IN_MEMORY = new Map([
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
]);

/** A new folder on a real disk: beside the compiled bench, or in BENCH_DIR. Refuses file systems in memory. */
export async function makeBenchFolder(): Promise<string> {
  const parent = process.env.BENCH_DIR ?? fileURLToPath(new URL('..', import.meta.url));
  const { type } = await statfs(parent);
  const inMemory = IN_MEMORY.get(type);
  if (inMemory)
    throw new Error(
      `${parent} is a ${inMemory}, where nothing is durable; name a folder on a disk in BENCH_DIR`,
    );
  return mkdtemp(join(parent, 'bench-'));
}
