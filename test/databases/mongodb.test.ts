import { describeWithOwnServer, describeWithService } from '../support/services.ts';
import { testChainFaults } from './chain-faults.ts';
import { testClocks } from './clocks.ts';
import { testDatabaseDump } from './database-dump.ts';
import { testDatabaseKills } from './database-kills.ts';
import { testServerCare } from './server-care.ts';
import { testServerKills } from './server-kills.ts';

describeWithService('mongodb', 'the chain', ({ url }) => testChainFaults(url));
describeWithService('mongodb', 'sync, restore and delete', ({ url }) => testServerCare(url));
describeWithService('mongodb', 'kill -9 with a wiped disk', ({ url }) => testDatabaseKills(url));
describeWithService('mongodb', 'what is kept', ({ url }) => testDatabaseDump(url));
describeWithOwnServer('mongodb', 'kill -9 of the server', () => testServerKills('mongodb'));
describeWithService('mongodb', 'clocks', ({ url }) => testClocks(url));
