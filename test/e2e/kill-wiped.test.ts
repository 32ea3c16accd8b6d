import { testKillRounds } from '../support/kill-rounds-test.ts';

testKillRounds('kill -9 under overlapping traffic, the first store wiped each time', {
  betweenRounds: world => world.wipeFirstStore(),
});
