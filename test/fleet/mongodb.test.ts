import { describeWithOwnServer, describeWithService } from '../support/services.ts';
import {
  testDatabaseRestart,
  testRestoredBackup,
  testRestoredBackupOfResting,
  testRestoredBackupUnseen,
} from './database-faults.ts';
import { testHandOvers } from './hand-overs.ts';
import { testKeyRollout } from './key-rollout.ts';
import { testLostOwners } from './lost-owners.ts';

describeWithService('mongodb', 'a fleet loses an owner', ({ url }) =>
  testLostOwners(url, { pausedRounds: 10 }),
);
describeWithService('mongodb', 'a fleet replaces a server', ({ url }) => testHandOvers(url, 4));
describeWithService('mongodb', 'a fleet gets a new secret', ({ url }) => testKeyRollout(url));
describeWithService('mongodb', 'a fleet has its database put back', ({ url }) => {
  testRestoredBackup(url);
  testRestoredBackupOfResting(url);
  testRestoredBackupUnseen(url);
});
describeWithOwnServer('mongodb', 'a fleet loses its database', () => testDatabaseRestart('mongodb'));
