import type { ServiceName } from '../../scripts/services/services.mjs';
import { median } from '../../test/support/quantile.ts';
import type { SystemName } from './database-system.ts';
import type { Measured } from './measure.ts';
import type { RestoreResult } from './restore.ts';
import type { WorkloadName } from './workloads.ts';

/** One line of the table, one way. */
export interface Cell {
  readonly engine: ServiceName;
  readonly system: SystemName;
  readonly workload: WorkloadName;
  readonly way: 'near' | 'far';
}

/** All repetitions, by cell; of restores by engine and way. */
export interface Collected {
  readonly measured: Map<string, Measured[]>;
  readonly restored: Map<string, RestoreResult[]>;
}

export const keyOf = ({ engine, system, workload, way }: Cell): string =>
  [engine, system, workload, way].join('/');

/** Medians of one cell; everything but times is for one operation. */
export interface Summary {
  readonly msEach: number;
  readonly lowestMs: number;
  readonly highestMs: number;
  readonly commands: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly roundTrips: number;
  readonly awaitedRoundTrips: number;
}

export function summarise(collected: Collected, cell: Cell): Summary | undefined {
  const results = collected.measured.get(keyOf(cell));
  if (!results) return undefined;
  const each = (pick: (result: Measured) => number) =>
    median(results.map(result => pick(result) / result.operations));
  const times = results.map(({ ms, operations }) => ms / operations);
  return {
    msEach: median(times),
    lowestMs: Math.min(...times),
    highestMs: Math.max(...times),
    commands: each(({ traffic }) => traffic.commands),
    sentBytes: each(({ traffic }) => traffic.toServer),
    receivedBytes: each(({ traffic }) => traffic.toClient),
    roundTrips: each(({ traffic }) => traffic.roundTrips),
    awaitedRoundTrips: median(results.map(({ awaitedRoundTrips }) => awaitedRoundTrips)),
  };
}

export interface RestoreSummary {
  readonly chainMs: number;
  readonly bareMs: number;
  readonly entries: number;
  readonly sizeBytes: number;
}

export function summariseRestore(collected: Collected, engine: ServiceName): RestoreSummary | undefined {
  const [chain, bare] = ['chain', 'bare'].map(way => collected.restored.get(`${engine}/${way}`));
  if (!chain?.[0] || !bare) return undefined;
  const { entries, sizeBytes } = chain[0];
  return {
    chainMs: median(chain.map(({ ms }) => ms)),
    bareMs: median(bare.map(({ ms }) => ms)),
    entries,
    sizeBytes,
  };
}
