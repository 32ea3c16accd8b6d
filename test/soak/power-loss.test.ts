import { expect, it } from 'vitest';
import { whyNoPowerLoss } from '../support/power-loss-disk.ts';
import { runPowerLossRounds } from '../support/power-loss-rounds.ts';
import { createRandom } from '../support/seeded-random.ts';

const rounds = Number(process.env.ROUNDS ?? 2);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const obstacle = whyNoPowerLoss();
const note = obstacle ? ` (skipped: ${obstacle})` : `, seed ${seed}`;

it.skipIf(obstacle)(
  `${rounds} power losses while it writes cost the file store nothing that was acknowledged${note}`,
  async () => {
    const report = await runPowerLossRounds({ kind: 'file-store', rounds, random: createRandom(seed) });
    if (rounds > 2) console.table([report]);
    expect(report.acknowledged).toBeGreaterThan(0);
    expect(report).toMatchObject({ rounds, unopened: 0, lost: 0, torn: 0, newIdentity: 0 });
  },
  60_000 + rounds * 20_000,
);

// Asserts nothing: it shows what the same loop does to a store that never syncs.
it.runIf(process.env.COMPARE === '1' && !obstacle)(
  `${rounds} power losses under useMultiFileAuthState, for comparison${note}`,
  async () => {
    console.table([await runPowerLossRounds({ kind: 'multi-file', rounds, random: createRandom(seed) })]);
  },
  60_000 + rounds * 20_000,
);
