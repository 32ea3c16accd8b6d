import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KillReport, runKillRounds } from '../support/kill-rounds.ts';
import { createRandom } from '../support/seeded-random.ts';
import { createWarmLauncher } from '../support/server-process.ts';
import { createServerWorld, type ServerWorld } from '../support/server-world.ts';

const ROUNDS = Number(process.env.KILL_ROUNDS ?? 50);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

describe('kill -9 under overlapping traffic', () => {
  let world: ServerWorld;
  beforeEach(async () => {
    world = await createServerWorld({ ackDelayMs: 40 }, createWarmLauncher());
  });
  afterEach(() => world.close());

  it.each([
    ['with both stores kept', async () => {}],
    ['with the first store wiped each time', () => world.wipeFirstStore()],
  ])(
    '%s loses nothing that was acknowledged',
    { timeout: 30_000 + ROUNDS * 10_000 },
    async (name, betweenRounds) => {
      const report = await runKillRounds(world, {
        rounds: ROUNDS,
        random: createRandom(SEED),
        betweenRounds,
      });
      process.stdout.write(`kill -9 ${name}, seed ${SEED}: ${JSON.stringify(report)}\n`);
      expect(report).toMatchObject({
        lostAcknowledged: 0,
        undelivered: 0,
        revisionsBack: 0,
        anomalies: [],
        undecryptable: 0,
        qrCodes: 0,
      } satisfies Partial<KillReport>);
      expect(report.killsBeforeAck).toBeGreaterThanOrEqual(Math.floor(ROUNDS * 0.3));
    },
  );
});
