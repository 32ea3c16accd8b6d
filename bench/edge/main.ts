import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { reportingTo } from '../../test/support/held-memory.ts';
import { median, quantile } from '../../test/support/quantile.ts';
import { makeBenchFolder } from '../bench-folder.ts';
import { type IdleServer, startIdleServer } from '../idle-server.ts';
import { checkTarget, type Target } from '../target.ts';
import { type FanOut, measureFanOut, SUBSCRIBER_COUNT } from './fan-out.ts';
import type { LoadResult } from './load.ts';
import { measureThroughput, PRODUCTION, type Throughput } from './throughput.ts';

/** What tokens, limits, cost and metrics take from the library below, and what an event costs that many watch. */
const { values: options } = parseArgs({ options: { repetitions: { type: 'string', default: '5' } } });
const repetitions = Number(options.repetitions);
const SESSIONS = 20;
const FIRST = 'edge-1';
const CREATE = 'mutation ($id: ID!) { createSession(input: { id: $id }) { session { id } } }';
const STOP = 'mutation ($id: ID!) { stopSession(input: { id: $id }) { session { id } } }';

interface Figures extends Throughput {
  readonly fanOuts: readonly FanOut[];
}

const TARGETS: readonly Target<Figures>[] = [
  {
    what: 'requests a second for `sessions`, of those that bare graphql-yoga answers',
    ...{ limit: 75, unit: '%', bound: 'at-least' },
    value: ({ ours, bare }) => (100 * medianOf(ours, 'perSecond')) / medianOf(bare, 'perSecond'),
  },
  {
    what: `one event to ${SUBSCRIBER_COUNT} subscribers, until the last has it, p99`,
    ...{ limit: 150, unit: 'ms', bound: 'at-most' },
    value: ({ fanOuts }) => median(fanOuts.map(({ lastArrivalsMs }) => quantile(lastArrivalsMs, 0.99))),
  },
  {
    what: 'memory that the server holds for each of them',
    ...{ limit: 35, unit: 'KiB', bound: 'at-most' },
    value: ({ fanOuts }) => median(fanOuts.map(({ kibEach }) => kibEach)),
  },
];

async function fill(server: IdleServer): Promise<void> {
  for (let number = 1; number <= SESSIONS; number += 1) {
    const id = `edge-${number}`;
    await server.request(CREATE, { id });
    await server.request(STOP, { id });
  }
}

/** A server of its own for each: what load leaves behind in the memory of one would count for the subscribers. */
async function onFreshServer<T>(use: (server: IdleServer) => Promise<T>): Promise<T> {
  const own = await mkdtemp(join(folder, 'server-'));
  const server = await startIdleServer(own, simulator.url, {
    LOG_LEVEL: 'info',
    ...PRODUCTION,
    ...reportingTo(memoryFile),
  });
  return fill(server)
    .then(() => use(server))
    .finally(server.stop);
}

async function measure(): Promise<Figures> {
  const throughput = await onFreshServer(server => measureThroughput(server, repetitions));
  const fanOuts: FanOut[] = [];
  for (let turn = 0; turn < repetitions; turn += 1) {
    fanOuts.push(await onFreshServer(server => measureFanOut(server, FIRST, memoryFile)));
  }
  return { ...throughput, fanOuts };
}

const medianOf = (results: readonly LoadResult[], figure: keyof LoadResult) =>
  median(results.map(result => result[figure]));

const simulator = await startSimulator({ preKeyFloor: 1 });
const folder = await makeBenchFolder();
const memoryFile = join(folder, 'memory');
try {
  const figures = await measure();
  console.log(
    `${availableParallelism()} cores, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}, ` +
      `median of ${options.repetitions}`,
  );
  console.table(TARGETS.map(target => checkTarget(target, figures)));
  const rows = { sessiongraph: figures.ours, 'graphql-yoga alone': figures.bare };
  console.log(`KiB a subscriber: ${figures.fanOuts.map(({ kibEach }) => kibEach.toFixed(1)).join(', ')}`);
  for (const [name, results] of Object.entries(rows)) {
    const each = results.map(({ perSecond }) => perSecond.toFixed(0)).join(', ');
    console.log(
      `${name}: ${medianOf(results, 'perSecond').toFixed(0)} requests/s (${each}), p99 ${medianOf(results, 'p99Ms').toFixed(1)} ms`,
    );
  }
} finally {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
}
