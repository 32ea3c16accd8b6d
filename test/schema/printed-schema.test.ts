import { expect, test } from 'vitest';
import { printPublicSchema } from '../../src/schema/public-schema.ts';

// `npx vitest run test/schema/printed-schema.test.ts --update` prints it anew.
test('schema.graphql at the root is the schema that is served', async () => {
  await expect(printPublicSchema()).toMatchFileSnapshot('../../schema.graphql');
});
