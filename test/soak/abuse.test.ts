import { expect, it, onTestFinished } from 'vitest';
import { mintToken } from '../../src/auth.ts';
import { pinToCore, startFlood } from '../support/abuse/flood-process.ts';
import { beHonest } from '../support/abuse/honest-client.ts';
import { watchMemory } from '../support/abuse/watched-memory.ts';
import { until } from '../support/condition.ts';
import { median, quantile } from '../support/quantile.ts';
import { TOKEN_SECRET } from '../support/server-process.ts';
import { createServerWorld, pairByQr } from '../support/server-world.ts';

/** Beside other tests it only asks what is lost and what is refused; a duration asks for the figures, too. */
const seconds = Number(process.env.DURATION ?? 4);
const isMeasured = process.env.DURATION !== undefined;
/** Node ends what has not sent its headers after ten seconds, and looks every thirty at most. */
const SLOW_IS_CUT_SECONDS = 45;
const P99_MS = 150;
const GROWTH = 1.05;

/** How each attack has to end, where the limits are what they are by default. */
const REFUSALS: Readonly<Record<string, string>> = {
  queries: '200',
  aliases: '400',
  depth: '400',
  tokens: '400',
  batches: '400',
  garbage: '400',
  badTokens: '401',
  largeBodies: '413',
  undeclaredBodies: '413',
  largeHeaders: '431',
  largeFrames: '1009',
  manySockets: '4429',
};

it(
  'attack: floods, slow readers and slow writers cost an honest client nothing',
  async () => {
    const world = await createServerWorld();
    onTestFinished(world.close);
    const server = await world.start();
    pinToCore(server.process.pid, 0);
    await pairByQr(server, world.phone);
    const attacker = { subject: 'attacker', scopes: ['sessions:read', 'messages:read'] as const };
    const token = await mintToken({ secret: TOKEN_SECRET, ttlMs: 3_600_000, ...attacker });

    const flood = startFlood(server.api.url, token);
    const readMemory = watchMemory(server.process.pid ?? 0);
    const honest = await beHonest(server, world, seconds * 1_000);
    const memory = readMemory();
    const endings = await flood.stop();

    await until('all texts have arrived', () => honest.received.length >= honest.sent.length);
    expect(honest.received).toEqual(honest.sent);
    expect(honest.failures).toEqual([]);
    for (const [attack, ending] of Object.entries(REFUSALS)) {
      expect(Object.keys(endings[attack] ?? {}), attack).toContain(ending);
    }
    const ready = await fetch(server.api.url.replace('/graphql', '/health/ready'));
    expect(ready.status).toBe(200);
    expect(server.process.exitCode).toBe(null);
    expect(server.output()).not.toMatch(/unhandled|uncaught|MaxListeners/i);

    if (!isMeasured) return;
    const p99Ms = quantile(honest.latenciesMs, 0.99);
    console.table(endings);
    console.log({
      p50Ms: median(honest.latenciesMs),
      p99Ms,
      texts: honest.received.length,
      ...memory,
    });
    expect(p99Ms).toBeLessThan(P99_MS);
    if (seconds < SLOW_IS_CUT_SECONDS) return;
    for (const attack of ['slowHeaders', 'slowBodies'])
      expect(Object.keys(endings[attack] ?? {})).toContain('408');
    expect(memory.lastMiB / memory.middleMiB).toBeLessThan(GROWTH);
  },
  60_000 + seconds * 2_000,
);
