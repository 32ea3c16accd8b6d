import { Binary, BSON, EJSON } from 'bson';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOldCredentials } from '../../src/core/baileys/old-credentials.ts';
import { BYTE_FIELDS, decodeOldValue } from '../../src/core/baileys/old-encodings.ts';
import {
  asDocument,
  asText,
  asTextOfDocument,
  inBaileysEncoding,
  linkedCreds,
  withBytes,
} from './old-writers.ts';

/** From the older systems themselves: one session, four ways. */
const VECTORS = {
  bson:
    'ad0000000363726564656e7469616c73009b000000036e6f6973654b65790028000000057072697661746500040000000000010203057075626c69' +
    '63000400000000040506070010726567697374726174696f6e496400d20400000a70616972696e67436f646500036163636f756e7400160000000564' +
    '657461696c7300030000000001020300036d6500200000000269640013000000313a3240732e77686174736170702e6e657400000000',
  dump:
    '{"credentials":{"noiseKey":{"private":{"$binary":{"base64":"AAECAw==","subType":"00"}},"public":{"$binary":' +
    '{"base64":"BAUGBw==","subType":"00"}}},"registrationId":1234,"pairingCode":null,"account":{"details":{"$binary":' +
    '{"base64":"AQID","subType":"00"}}},"me":{"id":"1:2@s.whatsapp.net"}}}',
  text:
    '{"noiseKey":{"private":{"type":"Buffer","data":[0,1,2,3]},"public":{"type":"Buffer","data":[4,5,6,7]}},' +
    '"registrationId":1234,"account":{"details":{"0":1,"1":2,"2":3}},"me":{"id":"1:2@s.whatsapp.net"}}',
  textOfDocument:
    '{"noiseKey":{"private":"AAECAw==","public":"BAUGBw=="},"registrationId":1234,"pairingCode":null,' +
    '"account":{"details":"AQID"},"me":{"id":"1:2@s.whatsapp.net"}}',
};
const DECODED = {
  noiseKey: { private: Buffer.from([0, 1, 2, 3]), public: Buffer.from([4, 5, 6, 7]) },
  registrationId: 1234,
  account: { details: Buffer.from([1, 2, 3]) },
  me: { id: '1:2@s.whatsapp.net' },
};

const document = Buffer.from(VECTORS.bson, 'hex');

it.each([
  ['a document with its own binary type', BSON.deserialize(document).credentials],
  ['a document with Buffers', BSON.deserialize(document, { promoteBuffers: true }).credentials],
  ['a dump', JSON.parse(VECTORS.dump).credentials],
  ['text', JSON.parse(VECTORS.text)],
  ['text made of a document', JSON.parse(VECTORS.textOfDocument)],
])('%s has the bytes that were measured', (_, found) => {
  expect(decodeOldValue(found)).toEqual(DECODED);
});

const ENCODINGS: Readonly<Record<string, (bytes: Uint8Array, field: string) => unknown>> = {
  Buffer: bytes => Buffer.from(bytes),
  'binary type': bytes => new Binary(bytes, 0),
  'number list': bytes => ({ type: 'Buffer', data: [...bytes] }),
  'base64 in an object': bytes => ({ type: 'Buffer', data: Buffer.from(bytes).toString('base64') }),
  'bare base64': bytes => Buffer.from(bytes).toString('base64'),
  'a key for each byte': bytes => Object.fromEntries(bytes.entries()),
  dump: bytes => ({ $binary: { base64: Buffer.from(bytes).toString('base64'), subType: '00' } }),
  'older dump': bytes => ({ $binary: Buffer.from(bytes).toString('base64'), $type: '00' }),
};

const bytes = fc.uint8Array({ maxLength: 40 });
const fieldOfBytes = fc.constantFrom(...BYTE_FIELDS);
const name = fc.stringMatching(/^[a-z]{1,8}$/).filter(text => !BYTE_FIELDS.has(text) && text !== 'type');
const plain = fc.oneof(fc.string(), fc.integer(), fc.boolean());
const tree = fc.letrec(tie => ({
  node: fc
    .tuple(
      fc.dictionary(fieldOfBytes, bytes, { maxKeys: 3 }),
      fc.dictionary(name, fc.oneof({ maxDepth: 3 }, plain, tie('node'), fc.array(plain)), { maxKeys: 3 }),
    )
    .map(([some, others]) => ({ ...others, ...some })),
})).node;

describe('any tree of values', () => {
  it('is the same after any mixture of the encodings', () => {
    fc.assert(
      fc.property(
        tree,
        fc.array(fc.constantFrom(...Object.keys(ENCODINGS)), { minLength: 1 }),
        (value, kinds) => {
          let turn = 0;
          const encoded = withBytes(value, (some, field) => {
            turn += 1;
            return ENCODINGS[kinds[turn % kinds.length] ?? '']?.(some, field);
          });
          expect(decodeOldValue(encoded)).toEqual(withBytes(value, some => Buffer.from(some)));
        },
      ),
    );
  });

  it('never throws and never reaches into a prototype', () => {
    fc.assert(
      fc.property(fc.json(), text => {
        readOldCredentials(text);
        decodeOldValue(JSON.parse(text));
      }),
    );
    const trap = JSON.parse('{"a":{"__proto__":{"x":1},"constructor":{"y":2},"b":3}}');
    expect(decodeOldValue(trap)).toEqual({ a: { b: 3 } });
    expect(Object.keys((decodeOldValue(trap) as { a: object }).a)).toEqual(['b']);
  });
});

describe('whole credentials', () => {
  const creds = linkedCreds();
  const stored = BSON.deserialize(BSON.serialize(asDocument(creds)));
  const WAYS: Readonly<Record<string, unknown>> = {
    'a document': stored,
    'a document with Buffers': BSON.deserialize(BSON.serialize(asDocument(creds)), { promoteBuffers: true }),
    'a dump': JSON.parse(EJSON.stringify(stored, { relaxed: true })),
    'an exact dump': JSON.parse(EJSON.stringify(stored, { relaxed: false })),
    text: asText(creds),
    'text made of a document': asTextOfDocument(creds),
    'creds.json': inBaileysEncoding(creds),
  };

  it.each(Object.entries(WAYS))('out of %s are what Baileys would have written', (_, found) => {
    const read = readOldCredentials(found);
    expect(read?.isLinked).toBe(true);
    expect(JSON.parse(Buffer.from(read?.value ?? []).toString())).toEqual(inBaileysEncoding(creds));
  });

  it.each([
    ['a key too short', { ...creds, noiseKey: { ...creds.noiseKey, private: Buffer.alloc(31) } }],
    ['a key missing', { ...creds, signedIdentityKey: undefined }],
    [
      'a signature too short',
      { ...creds, signedPreKey: { ...creds.signedPreKey, signature: Buffer.alloc(63) } },
    ],
    ['nothing in them', {}],
  ])('with %s are none', (_, broken) => {
    expect(readOldCredentials(JSON.stringify(broken))).toBeUndefined();
    expect(readOldCredentials(BSON.deserialize(BSON.serialize(broken)))).toBeUndefined();
  });

  it('that were cut off are none', () => {
    const text = asText(creds);
    for (const length of [0, 1, 100, text.length - 1]) {
      expect(readOldCredentials(text.slice(0, length))).toBeUndefined();
    }
  });

  it('that were never linked are whole and not linked', () => {
    const { account: _, ...fresh } = creds;
    expect(readOldCredentials(JSON.stringify(fresh))).toMatchObject({ isLinked: false });
  });
});
