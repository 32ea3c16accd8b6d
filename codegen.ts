import { readFileSync } from 'node:fs';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';

const OPERATIONS = 'src/client/operations.graphql';

/**
 * The text of src/client/documents.ts: each operation as a typed document, from the schema that is served.
 * `npx vitest run test/client/documents.test.ts --update` writes it anew.
 */
export const generateDocuments = (schema: string): Promise<string> =>
  codegen({
    filename: 'documents.ts',
    schema: parse(schema),
    documents: [{ location: OPERATIONS, document: parse(readFileSync(OPERATIONS, 'utf8')) }],
    plugins: [{ operations: {} }, { documents: {} }],
    pluginMap: { operations: typescriptOperations, documents: typedDocumentNode },
    config: {
      documentMode: 'string',
      useTypeImports: true,
      scalars: { ID: 'string', DateTime: 'string', BigInt: 'string' },
    },
  });
