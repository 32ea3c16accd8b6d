import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { BufferJSON } from '@whiskeysockets/baileys';
import type { PhaseResult } from './phases.ts';

interface Measure {
  readonly at: number;
  readonly cpu: NodeJS.CpuUsage;
  readonly writtenBytes: number;
}

export const measure = (): Measure => ({
  at: performance.now(),
  cpu: process.cpuUsage(),
  writtenBytes: readWritten(),
});

export function since({
  at,
  cpu,
  writtenBytes,
}: Measure): Pick<PhaseResult, 'ms' | 'cpuMs' | 'writtenBytes'> {
  const ms = performance.now() - at;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1_000, writtenBytes: readWritten() - writtenBytes };
}

/** Linux counts what a process writes; elsewhere the answer is not known. */
function readWritten(): number {
  try {
    return Number(/^wchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? Number.NaN);
  } catch {
    return Number.NaN;
  }
}

/** Several rounds: what a buffer held outside the heap is given back only after its finaliser ran. */
export async function heapBytes(): Promise<number> {
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

export function encodedSize(values: object | undefined): number {
  return Object.values(values ?? {}).reduce(
    (total, value) => total + JSON.stringify(value, BufferJSON.replacer).length,
    0,
  );
}
