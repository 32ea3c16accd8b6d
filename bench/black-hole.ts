import { rm } from 'node:fs/promises';
import { createStoreChain } from '../src/core/chain/store-chain.ts';
import { systemClock } from '../src/core/clock.ts';
import type { SessionStore } from '../src/core/store.ts';
import { createSessionWriter } from '../src/core/vault/session-writer.ts';
import { findDatabases } from '../src/demo/databases.ts';
import { openFileStore } from '../src/plugins/store-file/index.ts';
import { openMongoStore } from '../src/plugins/store-mongo/index.ts';
import { type FaultProxy, startFaultProxy } from '../test/support/fault-proxy.ts';
import { median, quantile } from '../test/support/quantile.ts';
import { makeBenchFolder } from './bench-folder.ts';

/**
 * Law 10 in numbers: what a MongoDB that nobody awaits costs a local write, when it answers and when everything that is
 * sent to it disappears. Pairs of runs, each with a chain of its own; medians of the pairs.
 */
const PAIRS = 5;
const WRITES = 1_000;
const SESSION = 'shop';
const VALUE = Buffer.alloc(1_850, 7);

interface Latencies {
  readonly p50: number;
  readonly p99: number;
}

async function timeWrites(file: SessionStore, mongo: SessionStore): Promise<Latencies> {
  const deadline = { clock: systemClock, ms: 10_000 };
  const chain = createStoreChain({
    stores: [file, mongo],
    awaited: new Set(['file']),
    deadline,
    maxPendingBytes: 8 << 20,
    startWithoutStores: 'allow',
  });
  const { epoch } = await chain.leases.acquireLease({ sessionId: SESSION, holder: 'bench', above: 0 });
  const { head } = await chain.openSession({ sessionId: SESSION, epoch, excluded: [], onFenced: () => {} });
  const { write } = createSessionWriter({
    sessionId: SESSION,
    epoch,
    head,
    now: systemClock.monotonicMs,
    apply: change => chain.applyChange(change),
    applyReplacement: copy => chain.replaceSession(copy),
    onFailure: error => {
      throw error;
    },
  });
  const latencies: number[] = [];
  for (let number = 0; number < WRITES; number += 1) {
    const began = performance.now();
    await write([{ name: `session:${number % 200}`, value: VALUE }]);
    latencies.push(performance.now() - began);
  }
  await chain.close();
  return { p50: median(latencies), p99: quantile(latencies, 0.99) };
}

async function run(root: string, uri: string, proxy: FaultProxy, network: 'good' | 'black-hole') {
  const directory = `${root}/${network}`;
  proxy.become({ kind: 'good' });
  const mongo = await openMongoStore({ name: 'mongo', uri });
  await mongo.probe();
  proxy.become({ kind: network });
  try {
    return await timeWrites(await openFileStore({ name: 'file', directory }), mongo);
  } finally {
    proxy.become({ kind: 'good' });
    await rm(directory, { recursive: true, force: true });
  }
}

const database = (await findDatabases(process.env)).find(({ store }) => store === 'mongo');
if (!database) throw new Error('set MONGODB_URI to a MongoDB that answers');
const uri = new URL(database.environment.MONGODB_URI ?? '');
const proxy = await startFaultProxy({ port: Number(uri.port || 27_017), host: uri.hostname });
uri.host = `127.0.0.1:${proxy.port}`;
const root = await makeBenchFolder();
try {
  const moves: Latencies[] = [];
  for (let pair = 1; pair <= PAIRS; pair += 1) {
    const good = await run(root, uri.href, proxy, 'good');
    const gone = await run(root, uri.href, proxy, 'black-hole');
    moves.push({ p50: gone.p50 - good.p50, p99: gone.p99 - good.p99 });
    console.log(`pair ${pair}: ${describe(good)} with it, ${describe(gone)} in the black hole`);
  }
  const move = { p50: median(moves.map(({ p50 }) => p50)), p99: median(moves.map(({ p99 }) => p99)) };
  console.log(`median move: ${describe(move)}`);
} finally {
  await proxy.close();
  await database.drop();
  await rm(root, { recursive: true, force: true });
}
process.exit(0);

function describe({ p50, p99 }: Latencies): string {
  return `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
}
