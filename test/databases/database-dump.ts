import { expect, it, onTestFinished } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { leaks, secretsOf } from '../support/secret-leaks.ts';
import { createServerWorld, pairByQr, sendText } from '../support/server-world.ts';

const TEXT = 'the text of a private message';

export function testDatabaseDump(url: string): void {
  it('law 11: no key, secret, text or number is in a dump of the database', async () => {
    const database = createDatabase(url);
    const world = await createServerWorld({
      environment: { STORES: `file,${database.store}`, ...database.environment() },
    });
    onTestFinished(async () => {
      await world.close();
      await database.drop();
    });
    const server = await world.start();
    await pairByQr(server, world.phone);
    await sendText(server, '+15550002', TEXT);
    await world.contact.waitForText(TEXT);
    await server.kill('SIGTERM');

    const dump = await database.dump();
    expect(dump.length).toBeGreaterThan(5_000);
    expect(leaks([...(await secretsOf(world, server)), TEXT], dump)).toEqual([]);
  });
}
