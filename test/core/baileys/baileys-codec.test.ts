import { BufferJSON, initAuthCreds } from '@whiskeysockets/baileys';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeBaileys } from '../../../src/core/baileys/codec.ts';

const asBaileysWouldWriteIt = (value: unknown) => JSON.stringify(value, BufferJSON.replacer);
const encoded = (value: unknown) => Buffer.from(encodeBaileys(value)).toString();

const { anything } = fc.letrec(tie => ({
  anything: fc.oneof(
    { withCrossShrink: true, maxDepth: 4 },
    fc.string(),
    fc.integer(),
    fc.constantFrom(null, true, undefined),
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes)),
    fc.array(tie('anything'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('type', 'data', '0')), tie('anything'), {
      maxKeys: 5,
    }),
  ),
}));

it('encodes byte for byte as Baileys does, wherever bytes hide', () => {
  fc.assert(
    fc.property(anything, value => {
      expect(encoded({ value })).toBe(asBaileysWouldWriteIt({ value }));
    }),
    { numRuns: 500 },
  );
});

it.each([
  ['credentials', initAuthCreds()],
  ['bytes that went through JSON once', { key: { type: 'Buffer', data: [1, 2, 3] } }],
  ['an object that says what to write', { at: new Date(0), key: { toJSON: () => Buffer.of(1) } }],
  ['bytes in an array in an array', [[[Buffer.of(1, 2)]]]],
  [
    'an instance of a class',
    new (class Keys {
      readonly key = Buffer.of(1);
    })(),
  ],
])('encodes %s as Baileys does', (_, value) => {
  expect(encoded(value)).toBe(asBaileysWouldWriteIt(value));
});
