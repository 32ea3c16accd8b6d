import { configDefaults, defineConfig } from 'vitest/config';

/** Fleets measure how fast a server takes over, and floods leave nothing to others: `npm run test:alone`. */
const isAlone = process.env.ALONE !== undefined;
const alone = isAlone ? [] : ['test/fleet/**', 'test/soak/abuse.test.ts'];

/** What needs databases, or server processes to kill: `npm run test:servers`; `npm test` is the rest. */
const servers = [
  'test/databases/**/*.test.ts',
  'test/e2e/**/*.test.ts',
  'test/plugins/{bus-redis,source-mongo,source-redis,source-tidb,store-mongo,store-tidb}/**/*.test.ts',
  'test/import/old-databases.test.ts',
];
const { TESTS } = process.env;

export default defineConfig({
  // Without the alias Vite loads a second copy of graphql beside the one that externalised packages use,
  // and `instanceof GraphQLError` is silently false between the two.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: TESTS === 'servers' ? servers : ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...alone, ...(TESTS === 'rest' ? servers : [])],
    globalSetup: ['test/support/services-setup.ts'],
    reporters: ['default', 'test/support/skipped-groups.ts'],
    // What a fleet waits for has limits of its own, which say what did not come.
    testTimeout: isAlone ? 240_000 : 60_000,
    hookTimeout: 60_000,
    // Two workers also on two cores: half of the time the tests wait for processes that they started.
    maxWorkers: 2,
  },
});
