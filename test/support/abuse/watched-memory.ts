import { median } from '../quantile.ts';
import { residentBytes } from '../resident-memory.ts';

const EVERY_MS = 250;
const MIB = 1024 * 1024;

export interface MemoryReport {
  readonly middleMiB: number;
  readonly lastMiB: number;
}

/** Looks at the resident memory of a process until it is asked what it saw: the medians of the second and the last third. */
export function watchMemory(pid: number): () => MemoryReport {
  const seen: number[] = [];
  const timer = setInterval(() => seen.push(residentBytes(pid) / MIB), EVERY_MS);
  return () => {
    clearInterval(timer);
    const third = Math.floor(seen.length / 3);
    return { middleMiB: median(seen.slice(third, 2 * third)), lastMiB: median(seen.slice(2 * third)) };
  };
}
