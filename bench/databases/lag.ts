import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createStoreChain, type StoreChain } from '../../src/core/chain/store-chain.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openFileStore } from '../../src/plugins/store-file/index.ts';
import { makeBenchFolder } from '../bench-folder.ts';
import { type BenchServer, openBenchServers } from './bench-server.ts';
import { openDatabaseStore } from './database-store.ts';
import { type Line, openLine } from './line.ts';
import { lagOf, openWriting, type Writing, writeAtPace } from './paced-writing.ts';

/**
 * How far a database that nobody awaits is behind after a minute of work: many sessions, each with keys of its own,
 * through a chain of the file store and the database.
 */
const { values: options } = parseArgs({
  options: {
    engines: { type: 'string' },
    sessions: { type: 'string', default: '100' },
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
  },
});
const perSecond = Number(options.rate);
const changes = perSecond * Number(options.seconds);
const LIMIT_MS = 1_000;

async function openChain(line: Line, directory: string): Promise<StoreChain> {
  return createStoreChain({
    stores: [await openFileStore({ name: 'file', directory }), await openDatabaseStore(line)],
    awaited: new Set(['file']),
    deadline: { clock: systemClock, ms: 60_000 },
    maxPendingBytes: 8 * 1024 * 1024,
    startWithoutStores: 'allow',
  });
}

async function run(server: BenchServer, directory: string): Promise<string> {
  const line = await openLine(server.url, 0);
  const chain = await openChain(line, directory);
  const ids = Array.from({ length: Number(options.sessions) }, (_, place) => `lag-${place}`);
  const writings = await Promise.all(ids.map(id => openWriting(chain, id)));
  const lags: number[] = [];
  const tookMs = await timed(() =>
    writeAtPace(writings, { changes, perSecond, sample: () => lags.push(lagOf(chain, writings)) }),
  );
  const lag = lagOf(chain, writings);
  const { commands } = line.traffic();
  const drainedMs = await timed(() => catchUp(chain, writings));
  await chain.close();
  return [
    `${server.engine} (${server.version}): ${changes} changes of ${ids.length} sessions in ${seconds(tookMs)}`,
    `behind at the end ${seconds(lag)}, at most ${seconds(Math.max(...lags))}, all there after ${seconds(drainedMs)}`,
    `${(changes / commands).toFixed(1)} changes a command`,
    `at most ${seconds(LIMIT_MS)} behind at the end: ${lag <= LIMIT_MS ? 'met' : 'MISSED'}`,
  ].join('; ');
}

async function catchUp(chain: StoreChain, writings: readonly Writing[]): Promise<void> {
  const arrivals = writings.flatMap(({ sessionId, writer }) =>
    chain.followers(sessionId).map(follower => follower.reached(writer.head())),
  );
  await Promise.all(arrivals);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

const root = await makeBenchFolder();
const servers = await openBenchServers(options.engines);
try {
  for (const server of servers) console.log(await run(server, `${root}/${server.engine}`));
} finally {
  for (const server of servers) await server.close();
  await rm(root, { recursive: true, force: true });
}
process.exit(0);
