import { getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { codesOf, startApp } from './test-app.ts';

describe('F6: limits of a query answer 400', () => {
  const fragments = Array.from(
    { length: 30 },
    (_, n) => `fragment F${n} on Session { ...F${n + 1} ...F${n + 1} }`,
  );
  const queries = {
    depth: `{ sessions { edges { node { ${'copies { '.repeat(6)} store ${'}'.repeat(6)} } } } }`,
    aliases: `{ ${Array.from({ length: 16 }, (_, n) => `a${n}: stores { name }`).join(' ')} }`,
    'aliases in fragments': `{ a: session(id: "a") { ...A } b: session(id: "b") { ...A } }
      fragment A on Session { ${Array.from({ length: 8 }, (_, n) => `a${n}: id`).join(' ')} }`,
    tokens: `{ ${'stores { name } '.repeat(300)} }`,
    'spreads that double': `{ session(id: "a") { ...F0 } } ${fragments.join('\n')}
      fragment F30 on Session { ${'copies { '.repeat(8)} store ${'}'.repeat(8)} }`,
    'a fragment of itself': '{ session(id: "a") { ...A } } fragment A on Session { ...A }',
  };
  test.each(Object.entries(queries))('%s', async (name, query) => {
    const app = await startApp();
    const began = performance.now();
    const reply = await app.post(query);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(reply.status).toBe(400);
    expect(new Set(codesOf(reply))).toEqual(new Set(['BAD_USER_INPUT']));
    // The parser's complaints and the library's rules travel with a 200 in plain JSON, as the specification has it.
    const isOurRule = name !== 'tokens' && name !== 'a fragment of itself';
    const plain = await app.post(query, { accept: 'application/json' });
    expect(plain.status).toBe(isOurRule ? 400 : 200);
    expect(plain.data).toBeUndefined();
  });

  test('what tools ask for the schema passes', async () => {
    const app = await startApp();
    const reply = await app.post(getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }));
    expect(reply.errors).toBeUndefined();
    expect(reply.data).toHaveProperty('__schema.types');
  });

  test('the deepest and widest that is allowed passes', async () => {
    const app = await startApp();
    const reply = await app.post(`{ sessions { edges { node { copies { store } } } } ${aliases(15)} }`);
    expect(reply.errors).toBeUndefined();
  });
});

const aliases = (count: number) => Array.from({ length: count }, (_, n) => `a${n}: __typename`).join(' ');
