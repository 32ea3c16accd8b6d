import { expect, test } from 'vitest';
import { generateDocuments } from '../../codegen.ts';
import { printPublicSchema } from '../../src/schema/public-schema.ts';

// `npx vitest run test/client/documents.test.ts --update` writes it anew.
test('the typed documents are those of the schema that is served', async () => {
  const text = await generateDocuments(printPublicSchema());
  await expect(text).toMatchFileSnapshot('../../src/client/documents.ts');
});
