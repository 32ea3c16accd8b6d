import { performance } from 'node:perf_hooks';
import { median } from '../../test/support/quantile.ts';
import { type OpenedSession, SYSTEMS, type SystemName } from './database-system.ts';
import { difference, type Line, type Traffic } from './line.ts';
import type { Operation, Workload } from './workloads.ts';

/** Of one workload in one process. */
export interface Measured {
  readonly ms: number;
  readonly operations: number;
  /** All there was meanwhile, also what nobody waits for. */
  readonly traffic: Traffic;
  /** Of one operation from its call to its answer: the median. Says nothing where several are in flight. */
  readonly awaitedRoundTrips: number;
}

export async function measure(system: SystemName, line: Line, workload: Workload): Promise<Measured> {
  const { session, operations, inFlight } = workload;
  const opened = await SYSTEMS[system]({ ...line, session });
  await workload.warmUp(opened);
  const before = line.traffic();
  const startedAt = performance.now();
  const roundTrips = await runAll(opened, line, operations, inFlight);
  const ms = performance.now() - startedAt;
  const traffic = difference(line.traffic(), before);
  await opened.close();
  return { ms, operations: operations.length, traffic, awaitedRoundTrips: median(roundTrips) };
}

async function runAll(
  opened: OpenedSession,
  line: Line,
  operations: readonly Operation[],
  inFlight: number,
): Promise<number[]> {
  const queue = operations.values();
  const roundTrips: number[] = [];
  const work = async () => {
    for (const operation of queue) {
      const before = line.traffic();
      await operation(opened);
      roundTrips.push(line.traffic().roundTrips - before.roundTrips);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return roundTrips;
}
