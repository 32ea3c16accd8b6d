import SchemaBuilder from '@pothos/core';
import { expect, test } from 'vitest';
import { opens, protectFields } from '../../src/schema/access.ts';

test('a root field that says no scope fails the start', () => {
  const builder = new SchemaBuilder({});
  builder.queryType({ fields: t => ({ safe: t.string({ extensions: opens('admin'), resolve: () => '' }) }) });
  builder.mutationType({ fields: t => ({ open: t.string({ resolve: () => '' }) }) });
  expect(() => protectFields(builder.toSchema())).toThrow('Mutation.open does not say which scope opens it');
});
