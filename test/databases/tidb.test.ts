import { describeWithOwnServer, describeWithService } from '../support/services.ts';
import { testChainFaults } from './chain-faults.ts';
import { testClocks } from './clocks.ts';
import { testDatabaseDump } from './database-dump.ts';
import { testDatabaseKills } from './database-kills.ts';
import { testServerCare } from './server-care.ts';
import { testServerKills } from './server-kills.ts';

describeWithService('tidb', 'the chain', ({ url }) => testChainFaults(url));
describeWithService('tidb', 'sync, restore and delete', ({ url }) => testServerCare(url));
describeWithService('tidb', 'kill -9 with a wiped disk', ({ url }) => testDatabaseKills(url));
describeWithService('tidb', 'what is kept', ({ url }) => testDatabaseDump(url));
describeWithOwnServer('tidb', 'kill -9 of the server', () => testServerKills('tidb'));
describeWithService('tidb', 'clocks', ({ url }) => testClocks(url));
