import { expect, it, onTestFinished } from 'vitest';
import { type KillReport, runKillRounds } from './kill-rounds.ts';
import { createRandom } from './seeded-random.ts';
import { createWarmLauncher } from './server-process.ts';
import { createServerWorld, type ServerWorld } from './server-world.ts';

/** How many of the kills have to fall between the encryption of a message and its acknowledgement. */
const BEFORE_ACK = 0.3;

export interface KillRoundsTest {
  /** Where KILL_ROUNDS says nothing. */
  readonly rounds?: number;
  /** Of every server; two file stores where it is missing. */
  readonly environment?: () => Promise<Readonly<Record<string, string>>>;
  readonly betweenRounds: (world: ServerWorld) => Promise<void>;
}

export function testKillRounds(name: string, { environment, betweenRounds, ...test }: KillRoundsTest): void {
  const rounds = Number(process.env.KILL_ROUNDS ?? test.rounds ?? 12);
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

  it(`laws 3 and 4: ${name}: nothing that was acknowledged is lost`, {
    timeout: 30_000 + rounds * 10_000,
  }, async () => {
    const world = await createServerWorld({
      whatsApp: { ackDelayMs: 40 },
      launcher: createWarmLauncher(),
      environment: (await environment?.()) ?? {},
    });
    onTestFinished(() => world.close());
    const plan = { rounds, random: createRandom(seed), betweenRounds: () => betweenRounds(world) };
    const report = await runKillRounds(world, plan);
    process.stdout.write(`${name}, seed ${seed}: ${JSON.stringify(report)}\n`);
    expect(report).toMatchObject({
      lostAcknowledged: 0,
      undelivered: [],
      revisionsBack: 0,
      anomalies: [],
      undecryptable: 0,
      qrCodes: 0,
    } satisfies Partial<KillReport>);
    expect(report.killsBeforeAck).toBeGreaterThanOrEqual(Math.floor(rounds * BEFORE_ACK));
  });
}
