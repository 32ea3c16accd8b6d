import { describeWithOwnServer, describeWithService } from '../support/services.ts';
import { testBusRestart } from './bus-faults.ts';
import {
  testDatabaseRestart,
  testRestoredBackup,
  testRestoredBackupOfResting,
  testRestoredBackupUnseen,
} from './database-faults.ts';
import { testHandOvers } from './hand-overs.ts';
import { testKeyRollout } from './key-rollout.ts';
import { testLostOwners } from './lost-owners.ts';

describeWithService('mariadb', 'a fleet loses an owner', ({ url }) =>
  testLostOwners(url, { pausedRounds: 10 }),
);
describeWithService('mariadb', 'a fleet replaces a server', ({ url }) => testHandOvers(url));
describeWithService('mariadb', 'a fleet gets a new secret', ({ url }) => testKeyRollout(url));
describeWithService('mariadb', 'a fleet has its database put back', ({ url }) => {
  testRestoredBackup(url);
  testRestoredBackupOfResting(url);
  testRestoredBackupUnseen(url);
});
describeWithOwnServer('mariadb', 'a fleet loses its database', () => testDatabaseRestart('mariadb'));
describeWithService('mariadb', 'a fleet on a bus', ({ url }) =>
  describeWithOwnServer('redis', 'whose server dies', () => testBusRestart(url)),
);
