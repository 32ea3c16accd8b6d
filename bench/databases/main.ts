import { rm } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeBenchFolder } from '../bench-folder.ts';
import { shuffled } from '../schedule.ts';
import { type BenchServer, openBenchServers } from './bench-server.ts';
import type { Measured } from './measure.ts';
import { plansFor } from './plans.ts';
import { renderReport } from './report.ts';
import { type Collected, keyOf } from './results.ts';
import { runProcess } from './run-process.ts';
import { updatesOf } from './workloads.ts';

const { values: options } = parseArgs({
  options: {
    engines: { type: 'string' },
    repetitions: { type: 'string', default: '5' },
    updates: { type: 'string', default: '1000' },
  },
});
const repetitions = Number(options.repetitions);
const loads: number[] = [];
let completed = 0;
/** What is complete by then is reported. */
let isInterrupted = false;
process.once('SIGTERM', () => {
  isInterrupted = true;
});

/** Every process of one repetition, each to be run once. */
function turnsOf({ engine, version, url: { href: url } }: BenchServer, root: string, collected: Collected) {
  const measuring = plansFor(engine, version).flatMap(({ system, workloads }) =>
    (['near', 'far'] as const).map(way => async () => {
      const startedAt = performance.now();
      const updates = updatesOf(system, way, Number(options.updates));
      const results = await runProcess({ task: 'measure', url, system, way, workloads, updates });
      workloads.forEach((workload, place) => {
        collect(collected.measured, keyOf({ engine, system, workload, way }), results[place]);
      });
      sayHowLong(`${system} on ${engine}, ${way}`, startedAt);
    }),
  );
  const restoring = (['chain', 'bare'] as const).map(way => async () => {
    const result = await runProcess({ task: 'restore', url, way, folder: join(root, 'restored') });
    collect(collected.restored, `${engine}/${way}`, result);
  });
  return [...measuring, ...restoring];
}

function collect<T>(results: Map<string, T[]>, key: string, result: T | undefined): void {
  if (result !== undefined) results.set(key, [...(results.get(key) ?? []), result]);
}

function sayHowLong(what: string, startedAt: number): void {
  process.stderr.write(`${what}: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s\n`);
}

async function prepareAll(servers: readonly BenchServer[]): Promise<void> {
  for (const { engine, version, url } of servers)
    for (const { system, sessions } of plansFor(engine, version)) {
      const startedAt = performance.now();
      await runProcess({ task: 'prepare', url: url.href, system, sessions });
      sayHowLong(`${system} on ${engine}, prepared`, startedAt);
    }
}

async function measureAll(servers: readonly BenchServer[], root: string): Promise<Collected> {
  const collected = { measured: new Map<string, Measured[]>(), restored: new Map() };
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    const startedAt = performance.now();
    for (const turn of shuffled(servers.flatMap(server => turnsOf(server, root, collected)))) {
      if (isInterrupted) return collected;
      loads.push(loadavg()[0] ?? Number.NaN);
      await turn();
    }
    completed = repetition;
    sayHowLong(`repetition ${repetition} of ${repetitions}`, startedAt);
  }
  return collected;
}

const root = await makeBenchFolder();
const servers = await openBenchServers(options.engines);
try {
  await prepareAll(servers);
  const collected = await measureAll(servers, root);
  const load = loads.reduce((total, one) => total + one, 0) / loads.length;
  const machine = `${availableParallelism()} cores, Node ${process.version}, ${process.platform}, load ${load.toFixed(1)}`;
  const versions = servers.map(({ engine, version }) => `${engine}: ${version}`).join(', ');
  console.log(`${machine}, median of ${completed}; ${versions}\n`);
  console.log(
    renderReport(
      servers.map(({ engine }) => engine),
      collected,
    ),
  );
} finally {
  for (const server of servers) await server.close();
  await rm(root, { recursive: true, force: true });
}
process.exit(0);
