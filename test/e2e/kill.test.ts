import { testKillRounds } from '../support/kill-rounds-test.ts';

testKillRounds('kill -9 under overlapping traffic, both stores kept', { betweenRounds: async () => {} });
