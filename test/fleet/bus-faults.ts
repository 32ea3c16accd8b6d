import { expect, it, onTestFinished } from 'vitest';
import { until } from '../support/condition.ts';
import { startDatabase } from '../support/database-server.ts';
import { createRandom } from '../support/seeded-random.ts';
import { endWithTest } from './end-with-test.ts';
import { createFleet } from './fleet.ts';
import { startTraffic } from './traffic.ts';
import { FLAWLESS, judge } from './verdict.ts';

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const SEND = 'mutation ($input: SendTextInput!) { sendText(input: $input) { messageId } }';

/** Servers that hear of each other over Redis, which dies and comes back. */
export function testBusRestart(databaseUrl: string): void {
  it(`Redis is killed and comes back: the sessions never notice, and the servers hear of each other again, seed ${SEED}`, async () => {
    const redis = await startDatabase('redis');
    onTestFinished(() => redis.stop());
    const fleet = await createFleet({
      databaseUrl,
      names: ['one', 'two'],
      environment: { REDIS_URL: redis.url },
    });
    endWithTest(fleet);
    const [one, two] = [fleet.server('one'), fleet.server('two')];
    await one.start();
    await fleet.pair(2);
    await two.start();
    const [{ id, contact } = { id: '' }] = fleet.sessions;
    await until('the other server shows it as its holder does', async () => {
      const { session } = await two.ask('query ($id: ID!) { session(id: $id) { status heldBy } }', { id });
      return session?.status === 'CONNECTED' && session.heldBy === 'one';
    });
    const sendByTwo = (text: string) =>
      two
        .ask(SEND, { input: { id, to: `+${contact?.number}`, text } })
        .then(() => 'sent')
        .catch(({ message }: Error) => message);
    const flow = startTraffic(fleet, { pauseMs: 80, random: createRandom(SEED) });

    expect(await sendByTwo('over the bus')).toBe('sent');
    await redis.kill();
    await until('a command fails, and says who has the session', async () =>
      /^SESSION_HELD_ELSEWHERE: .*\bone\b/.test(await sendByTwo('without a bus')),
    );
    const before = flow.count;
    await until('the traffic goes on without it', () => flow.count > before + 10);
    await redis.restart();
    await until('a command is carried again', async () => (await sendByTwo('over the bus again')) === 'sent');
    await flow.stop();
    const verdict = await judge(fleet);
    expect(verdict).toMatchObject({ ...FLAWLESS, kicks: 0 });
    expect(contact?.received.map(({ text }) => text)).toEqual(
      expect.arrayContaining(['over the bus', 'over the bus again']),
    );
  });
}
