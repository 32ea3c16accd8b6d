import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/core/clock.ts';
import { createSessionWriter, type SessionWriter } from '../../src/core/session-writer.ts';
import { createStoreChain, type StoreChain } from '../../src/core/store-chain.ts';
import { openFileStore } from '../../src/plugins/store-file/index.ts';
import { makeBenchFolder } from '../bench-folder.ts';
import { type BenchServer, openBenchServers } from './bench-server.ts';
import { openDatabaseStore } from './database-store.ts';

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
const [sessions, rate, seconds] = [options.sessions, options.rate, options.seconds].map(Number) as [
  number,
  number,
  number,
];
const VALUE = Buffer.alloc(1_850, 7);
const KEYS = 200;
const LIMIT_MS = 1_000;

interface Writing {
  readonly sessionId: string;
  readonly writer: SessionWriter;
  /** When each revision was handed in. */
  readonly writtenAt: Map<number, number>;
}

async function openWriting(chain: StoreChain, sessionId: string): Promise<Writing> {
  const { epoch } = await chain.leases.acquireLease({ sessionId, holder: 'bench', above: 0 });
  const { head } = await chain.openSession({ sessionId, epoch, excluded: [], onFenced: () => {} });
  const writer = createSessionWriter({
    sessionId,
    epoch,
    head,
    apply: change => chain.applyChange(change),
    applyReplacement: copy => chain.replaceSession(copy),
    onFailure: error => {
      throw error;
    },
  });
  return { sessionId, writer, writtenAt: new Map() };
}

/** Age of the oldest change that the database has not confirmed. */
function lagOf(chain: StoreChain, writings: readonly Writing[]): number {
  const now = performance.now();
  const ages = writings.map(({ sessionId, writtenAt }) => {
    const confirmed = chain.followers(sessionId)[0]?.standing().confirmed?.revision ?? 0;
    for (const [revision, at] of writtenAt) {
      if (revision > confirmed) return now - at;
      writtenAt.delete(revision);
    }
    return 0;
  });
  return Math.max(...ages);
}

async function writeAtRate(writings: readonly Writing[], sample: () => void): Promise<void> {
  const startedAt = performance.now();
  const underway = new Set<Promise<void>>();
  let sampledAt = startedAt;
  for (let number = 0; number < rate * seconds; ) {
    const due = Math.min(rate * seconds, ((performance.now() - startedAt) / 1_000) * rate);
    for (; number < due; number += 1) {
      const writing = writings[number % writings.length] as Writing;
      const name = `session:${writing.sessionId}:${Math.floor(number / writings.length) % KEYS}`;
      const written = writing.writer.write([{ name, value: VALUE }]);
      writing.writtenAt.set(writing.writer.head().revision, performance.now());
      underway.add(written);
      void written.finally(() => underway.delete(written));
    }
    if (performance.now() - sampledAt >= 1_000) {
      sample();
      sampledAt = performance.now();
    }
    await systemClock.sleep(1);
  }
  await Promise.all(underway);
}

async function run({ engine, version, url }: BenchServer, directory: string): Promise<void> {
  let commands = 0;
  const onCommand = () => {
    commands += 1;
  };
  const file = await openFileStore({ name: 'file', directory });
  const chain = createStoreChain({
    stores: [file, await openDatabaseStore({ url, onCommand })],
    awaited: new Set(['file']),
    deadline: { clock: systemClock, ms: 60_000 },
    maxPendingBytes: 8 << 20,
    startWithoutStores: 'allow',
  });
  const ids = Array.from({ length: sessions }, (_, place) => `lag-${place}`);
  const writings = await Promise.all(ids.map(id => openWriting(chain, id)));
  const lags: number[] = [];
  const startedAt = performance.now();
  await writeAtRate(writings, () => lags.push(lagOf(chain, writings)));
  const tookS = (performance.now() - startedAt) / 1_000;
  const lag = lagOf(chain, writings);
  const endedAt = performance.now();
  await Promise.all(
    writings.flatMap(({ sessionId, writer }) =>
      chain.followers(sessionId).map(follower => follower.reached(writer.head())),
    ),
  );
  const drainedMs = performance.now() - endedAt;
  const changes = rate * seconds;
  console.log(
    [
      `${engine} (${version}): ${changes} changes of ${sessions} sessions in ${tookS.toFixed(1)} s`,
      `lag at the end ${lag.toFixed(0)} ms, highest ${Math.max(...lags).toFixed(0)} ms, all there after ${drainedMs.toFixed(0)} ms`,
      `${(changes / commands).toFixed(2)} changes a command`,
      `lag ≤ ${LIMIT_MS} ms: ${lag <= LIMIT_MS ? 'met' : 'MISSED'}`,
    ].join('; '),
  );
  await chain.close();
}

const root = await makeBenchFolder();
const servers = await openBenchServers(options.engines);
try {
  for (const server of servers) await run(server, `${root}/${server.engine}`);
} finally {
  for (const server of servers) await server.close();
  await rm(root, { recursive: true, force: true });
}
process.exit(0);
