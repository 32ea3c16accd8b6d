import { readFileSync } from 'node:fs';

const EVERY_MS = 250;

export interface MemoryReport {
  readonly middleMiB: number;
  readonly lastMiB: number;
}

/** Looks at the resident memory of a process until it is asked what it saw: the medians of the second and the last third. */
export function watchMemory(pid: number): () => MemoryReport {
  const seen: number[] = [];
  const timer = setInterval(() => seen.push(residentMiB(pid)), EVERY_MS);
  return () => {
    clearInterval(timer);
    const third = Math.floor(seen.length / 3);
    return { middleMiB: median(seen.slice(third, 2 * third)), lastMiB: median(seen.slice(2 * third)) };
  };
}

/** As Linux counts it. */
function residentMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
