import { describeWithOwnServer, describeWithService } from '../support/services.ts';
import { testChainFaults } from './chain-faults.ts';
import { testClocks } from './clocks.ts';
import { testDatabaseDump } from './database-dump.ts';
import { testDatabaseKills } from './database-kills.ts';
import { testServerCare } from './server-care.ts';
import { testServerKills } from './server-kills.ts';

describeWithService('mariadb', 'the chain', ({ url }) => testChainFaults(url));
describeWithService('mariadb', 'sync, restore and delete', ({ url }) => testServerCare(url));
describeWithService('mariadb', 'kill -9 with a wiped disk', ({ url }) => testDatabaseKills(url));
describeWithService('mariadb', 'what is kept', ({ url }) => testDatabaseDump(url));
describeWithOwnServer('mariadb', 'kill -9 of the server', () => testServerKills('mariadb'));
describeWithService('mariadb', 'clocks', ({ url }) => testClocks(url));
