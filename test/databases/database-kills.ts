import { onTestFinished } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { testKillRounds } from '../support/kill-rounds-test.ts';

/** The disk is lost with each kill: what comes back, comes back from the database. */
export function testDatabaseKills(url: string): void {
  testKillRounds('the first store wiped each time', {
    rounds: 10,
    environment: async () => {
      const database = createDatabase(url);
      onTestFinished(() => database.drop());
      return { STORES: `file,${database.store}`, ...database.environment() };
    },
    betweenRounds: world => world.wipeFirstStore(),
  });
}
