import { expect, it, onTestFinished } from 'vitest';
import type { ServiceName } from '../../scripts/services/services.mjs';
import { until } from '../support/condition.ts';
import { createDatabase } from '../support/database.ts';
import { startDatabase } from '../support/database-server.ts';
import { createRandom } from '../support/seeded-random.ts';
import { createRealChain, type RealChain, type RealOwner, SESSION } from './real-chain.ts';

const ROUNDS = Number(process.env.KILL_ROUNDS ?? 2);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const KEYS = 40;
const LARGE = 'x'.repeat(100_000);

/** The server itself dies in the middle of writes and comes back with its data. */
export function testServerKills(name: ServiceName): void {
  it('law 3: what was acknowledged is there again, and both copies come to be the same', {
    timeout: 60_000 + ROUNDS * 20_000,
  }, async () => {
    const server = await startDatabase(name);
    onTestFinished(() => server.stop());
    const database = createDatabase(server.url);
    const options = { awaited: 'all', deadlineMs: 30_000 } as const;
    const scene = await createRealChain({ ...database, drop: async () => {} }, options);
    onTestFinished(() => scene.close());
    const random = createRandom(SEED);
    const report = { rounds: ROUNDS, acknowledged: 0, outlived: 0 };
    let owner = await scene.open();
    for (let round = 0; round < ROUNDS; round += 1) {
      const stream = writeFrom(owner, report.acknowledged);
      const enough = report.acknowledged + 1 + Math.floor(random() * 60);
      await until('there were some writes', () => stream.acknowledged() >= enough);
      const outlives = round % 2 === 1;
      // One of the writes is on its way to the server.
      const killed = server.kill();
      const sure = stream.acknowledged();
      await killed;
      if (outlives) report.outlived += 1;
      else await owner.crash();
      await server.restart();
      await expectAtLeast(scene, sure);
      // Who lived through it goes on by itself.
      if (outlives) await until('writes go on', () => stream.acknowledged() > sure + 1, 30_000);
      else owner = await scene.open();
      await stream.stop();
      report.acknowledged = stream.acknowledged();
      await scene.converged();
    }
    await owner.close();
    process.stdout.write(`kill -9 of ${name}, seed ${SEED}: ${JSON.stringify(report)}\n`);
  });

  /** Of the database alone, before anybody could fill it again from the file. */
  async function expectAtLeast({ direct }: RealChain, sure: number): Promise<void> {
    const values = await until('the database answers', () =>
      direct.loadEntries(SESSION, ['count']).catch(() => undefined),
    );
    const count = Buffer.from(values.get('count') ?? '').toString();
    expect(Number(count)).toBeGreaterThanOrEqual(sure);
  }
}

interface WriteStream {
  /** The number of the last write that was acknowledged. */
  acknowledged(): number;
  stop(): Promise<void>;
}

/** One write after the other, each with its number; every tenth is large. */
function writeFrom(owner: RealOwner, start: number): WriteStream {
  let acknowledged = start;
  let isStopped = false;
  async function run(): Promise<void> {
    while (!isStopped) {
      const number = acknowledged + 1;
      const text = number % 10 === 0 ? LARGE : `v${number}`;
      await owner.write({ count: `${number}`, [`key:${number % KEYS}`]: text });
      acknowledged = number;
    }
  }
  // A write that was under way when its owner died is refused: that is the end of it.
  const running = run().catch(() => {});
  return {
    acknowledged: () => acknowledged,
    async stop() {
      isStopped = true;
      await running;
    },
  };
}
