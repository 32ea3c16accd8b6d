import { median } from '../test/support/quantile.ts';
import type { PhaseResult } from './phases.ts';
import { type Cell, nameOf } from './schedule.ts';

/** Of the repetitions of one cell. */
export interface Summary {
  readonly cell: Cell;
  readonly msEach: number;
  readonly lowestMs: number;
  readonly highestMs: number;
  readonly cpuMsEach: number;
  readonly syncs: number;
  readonly operations: number;
  readonly bytesEach: number;
  readonly payloadEach: number;
  readonly heapBytes: number;
}

export type Summaries = ReadonlyMap<string, Summary>;

export function summarise(cell: Cell, results: readonly PhaseResult[]): Summary {
  const each = (pick: (result: PhaseResult) => number) => median(results.map(pick));
  const times = results.map(({ ms, operations }) => ms / operations);
  return {
    cell,
    msEach: median(times),
    lowestMs: Math.min(...times),
    highestMs: Math.max(...times),
    cpuMsEach: each(({ cpuMs, operations }) => cpuMs / operations),
    syncs: each(({ syncs }) => syncs),
    operations: each(({ operations }) => operations),
    bytesEach: each(({ writtenBytes, operations }) => writtenBytes / operations),
    payloadEach: each(({ payloadBytes, operations }) => payloadBytes / operations),
    heapBytes: each(({ heapBytes }) => heapBytes),
  };
}

export function pick(summaries: Summaries, cell: Cell): Summary {
  const found = summaries.get(nameOf(cell));
  if (!found) throw new Error(`${nameOf(cell)} was not measured`);
  return found;
}
