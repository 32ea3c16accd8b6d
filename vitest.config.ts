import { configDefaults, defineConfig } from 'vitest/config';

/** Fleets measure how fast a server takes over, and floods leave nothing to others: `npm run test:alone`. */
const alone = process.env.ALONE === undefined ? ['test/fleet/**', 'test/soak/abuse.test.ts'] : [];

export default defineConfig({
  // Without the alias Vite loads a second copy of graphql beside the one that externalised packages use,
  // and `instanceof GraphQLError` is silently false between the two.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...alone],
    globalSetup: ['test/support/services-setup.ts'],
    reporters: ['default', 'test/support/skipped-groups.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two workers also on two cores: half of the time the tests wait for processes that they started.
    maxWorkers: 2,
  },
});
