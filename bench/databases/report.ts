import type { ServiceName } from '../../scripts/services/services.mjs';
import { shown } from '../target.ts';
import { SYSTEMS, type SystemName } from './database-system.ts';
import { ADDED_MS } from './line.ts';
import { type Cell, type Collected, summarise, summariseRestore } from './results.ts';
import { checkTargets } from './targets.ts';
import type { WorkloadName } from './workloads.ts';

const TITLES: Readonly<Record<WorkloadName, string>> = {
  pairing: 'pairing burst: 812 pre-keys and the credentials',
  'updates-1k': 'one signal session changed, of 1,000 keys',
  'updates-10k': 'one signal session changed, of 10,000 keys',
  message: 'a received message: signal session, identity, used pre-key',
  'updates-16': 'one signal session changed, 16 in flight',
};

/** Markdown, as it stands in docs/benchmarks.md. */
export function renderReport(engines: readonly ServiceName[], collected: Collected): string {
  return engines
    .flatMap(engine => [...tableOf(engine, collected), ''].join('\n'))
    .join('\n')
    .concat(targetTable(engines, collected));
}

function tableOf(engine: ServiceName, collected: Collected): string[] {
  return [
    `| ${engine} | system | ms each | lowest to highest | ms each, ${ADDED_MS} ms away | statements each | round trips awaited | bytes sent | bytes received |`,
    '| --- | --- | --: | --: | --: | --: | --: | --: | --: |',
    ...Object.keys(TITLES).flatMap(workload =>
      Object.keys(SYSTEMS).flatMap(system =>
        row({ engine, system: system as SystemName, workload: workload as WorkloadName }, collected),
      ),
    ),
    ...restoreRows(engine, collected),
  ];
}

function row(cell: Omit<Cell, 'way'>, collected: Collected): string[] {
  const near = summarise(collected, { ...cell, way: 'near' });
  const far = summarise(collected, { ...cell, way: 'far' });
  if (!near || !far) return [];
  const cells = [
    ...[TITLES[cell.workload], cell.system, shown(near.msEach)],
    ...[`${shown(near.lowestMs)} to ${shown(near.highestMs)}`, shown(far.msEach), shown(far.commands)],
    cell.workload === 'updates-16' ? '' : shown(far.awaitedRoundTrips),
    ...[shown(Math.round(far.sentBytes)), shown(Math.round(far.receivedBytes))],
  ];
  return [`| ${cells.join(' | ')} |`];
}

function restoreRows(engine: ServiceName, collected: Collected): string[] {
  const restore = summariseRestore(collected, engine);
  if (!restore) return [];
  const what = `restore of ${shown(restore.entries)} entries, ${shown(restore.sizeBytes)} bytes`;
  const line = (system: string, ms: number) => `| ${[what, system, shown(ms)].join(' | ')} | | | | | | |`;
  return [line('sessiongraph', restore.chainMs), line('bare copy', restore.bareMs)];
}

function targetTable(engines: readonly ServiceName[], collected: Collected): string {
  return [
    '',
    '| target | engine | | measured | |',
    '| --- | --- | --- | --- | --- |',
    ...engines.flatMap(engine =>
      checkTargets(engine, collected).map(
        ({ what, target, measured, verdict }) =>
          `| ${what} | ${engine} | ${target} | ${measured} | ${verdict} |`,
      ),
    ),
  ].join('\n');
}
