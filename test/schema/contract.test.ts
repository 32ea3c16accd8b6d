import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLEnumValue,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
} from 'graphql';
import { expect, test } from 'vitest';
import { createSchema } from '../../src/schema/public-schema.ts';

const contract = buildSchema(readFileSync(new URL('contract.graphql', import.meta.url), 'utf8'));

interface Element {
  readonly path: string;
  /** Type, nullability and default: what a client is compiled against. */
  readonly shape: string;
  readonly description: string;
}

const typesOf = (schema: typeof contract) =>
  Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));

const elements = (schema: typeof contract): Element[] => typesOf(schema).flatMap(elementsOf);

function elementsOf(type: GraphQLNamedType): Element[] {
  return [{ path: type.name, shape: type.constructor.name, description: textOf(type) }, ...partsOf(type)];
}

function partsOf(type: GraphQLNamedType): Element[] {
  if (isEnumType(type)) return type.getValues().map(value => part(type.name, value, 'value'));
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map(field => part(type.name, field, inputShape(field)));
  }
  if (!isObjectType(type)) return [];
  return Object.values(type.getFields()).flatMap(field => {
    const owner = `${type.name}.${field.name}`;
    const args = field.args.map(arg => part(owner, arg, inputShape(arg)));
    return [part(type.name, field, String(field.type)), ...args];
  });
}

type Part = GraphQLArgument | GraphQLEnumValue | GraphQLField<unknown, unknown> | GraphQLInputField;

const part = (owner: string, element: Part, shape: string): Element => ({
  path: `${owner}.${element.name}`,
  shape,
  description: textOf(element),
});

const inputShape = ({ type, defaultValue }: GraphQLArgument | GraphQLInputField) =>
  defaultValue === undefined ? String(type) : `${type} = ${JSON.stringify(defaultValue)}`;

const textOf = ({ description }: { description?: string | null | undefined }) => description ?? '';

test('every element of the contract is built as it stands there', () => {
  const built = new Map(elements(createSchema()).map(element => [element.path, element]));
  for (const promised of elements(contract)) {
    expect(built.get(promised.path)?.shape, promised.path).toBe(promised.shape);
    if (promised.description) {
      expect(built.get(promised.path)?.description, promised.path).toBe(promised.description);
    }
  }
});

test('everything is described', () => {
  const silent = elements(createSchema()).filter(({ description }) => description.trim() === '');
  expect(silent.map(({ path }) => path)).toEqual([]);
});
