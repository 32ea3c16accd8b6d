import { type GraphQLScalarType, parseValue } from 'graphql';
import { expect, test } from 'vitest';
import { createSchema } from '../../src/schema/public-schema.ts';

const scalar = (name: string) => createSchema().getType(name) as GraphQLScalarType;

test('DateTime is RFC 3339 in UTC with milliseconds', () => {
  const { serialize, parseValue: parse } = scalar('DateTime');
  expect(serialize(new Date(1_700_000_000_123))).toBe('2023-11-14T22:13:20.123Z');
  expect(parse('2023-11-14T23:13:20.123+01:00')).toEqual(new Date(1_700_000_000_123));
  for (const bad of ['2023-11-14', '2023-13-01T00:00:00Z', 'now', 5, null])
    expect(() => parse(bad)).toThrow();
});

test('BigInt is a decimal string, as input also an integer', () => {
  const { serialize, parseValue: parse, parseLiteral } = scalar('BigInt');
  expect(serialize(17)).toBe('17');
  expect(serialize(2n ** 64n)).toBe('18446744073709551616');
  expect([parse('18446744073709551616'), parse(-3)]).toEqual([2n ** 64n, -3n]);
  const literal = (text: string) => parseLiteral(parseValue(text), {});
  expect([literal('18446744073709551616'), literal('"7"')]).toEqual([2n ** 64n, 7n]);
  for (const bad of ['1.5', '', '0x10', 'x', 2 ** 53, 1.5, true, '9'.repeat(1_000)]) {
    expect(() => parse(bad)).toThrow();
  }
  expect(() => literal('1.5')).toThrow();
});
