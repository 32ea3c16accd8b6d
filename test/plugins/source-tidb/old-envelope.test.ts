import { createDecipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { openOldEnvelope } from '../../../src/plugins/source-tidb/old-envelope.ts';
import { sealedRow, sealUnder } from '../../import/old-writers.ts';

/** Made by the older system. */
const SECRET = '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';
const PERSONAL =
  '000102030405060708090a0b0c0d0e0f:f09833199998579ff555d7f9a33874f321d4bc915bcae73cef62642b7e20ac7e862b2a6cb806331622ce' +
  '24419201418c9d4da92e6cb01bcaa003c163f00726ba75b6ed248a8e82c93a8dc95d67bbdf6a24dbd3c39236a033c8994ac3241d6ead00501813' +
  'db5b58d420add7d118897f78845e68db33598fb0b9e10bde6ffa549023aa8168e2b307aadad952def7840e59a8c28ffbd13a1e2fedfe537c6fec' +
  '9773e4898e939863515c1105be2f294b5efd12d8fa2d08e11ff3b5fdf9bfbc84d4ca';
const WITHOUT_SECRET =
  '000102030405060708090a0b0c0d0e0f:e4496813c09a734b4445d9dc6d6e2e20acb61f0558168d6c206e3c7832620e00a639ad1778d50ae5d425' +
  '3dcca71acd27';

const defaultKey = pbkdf2Sync('shopwhiskeysocket-default-secret', 'whiskeysocket', 100_000, 32, 'sha256');

it('opens what was sealed under a secret of its own', async () => {
  expect(await openOldEnvelope('personal', PERSONAL, ['another secret entirely', SECRET])).toEqual({
    kind: 'opened',
    content: {
      creds: {
        registrationId: 1234,
        advSecretKey: 'AAAA',
        noiseKey: {
          private: { type: 'Buffer', data: 'AAECAw==' },
          public: { type: 'Buffer', data: 'BAUGBw==' },
        },
      },
      timestamp: 1_769_068_712_000,
    },
  });
});

it('opens what was sealed where nobody had set a secret', async () => {
  expect(await openOldEnvelope('default', WITHOUT_SECRET, [SECRET])).toEqual({
    kind: 'opened',
    content: { creds: { registrationId: 1 }, timestamp: 1 },
  });
});

it.each([
  ['the example of its documentation', 'your-super-secret-encryption-key-change-this-in-production'],
  ['a secret with a comma in it', 'one part,another part'],
])('opens what was sealed under %s', async (_, secret) => {
  const sealed = sealedRow('shop', secret, { creds: {}, timestamp: 1 });
  expect(await openOldEnvelope('shop', sealed, ['one part', 'another part'])).toMatchObject({
    kind: 'opened',
  });
});

it('stays closed under other secrets, and for another session', async () => {
  expect(await openOldEnvelope('personal', PERSONAL, [])).toEqual({ kind: 'locked' });
  expect(await openOldEnvelope('personal', PERSONAL, [SECRET.toUpperCase()])).toEqual({ kind: 'locked' });
  expect(await openOldEnvelope('Personal', PERSONAL, [SECRET])).toEqual({ kind: 'locked' });
});

it('is not fooled by a wrong key that passes the check of the padding', async () => {
  expect(await openOldEnvelope('shop', noiseThatPasses(defaultKey), [])).toEqual({ kind: 'locked' });
  for (const text of ['7', 'null', '[]', '"x"', '']) {
    expect(await openOldEnvelope('shop', sealUnder(defaultKey, text), [])).toEqual({ kind: 'locked' });
  }
});

it.each([
  '',
  ':',
  'x',
  PERSONAL.slice(0, -1),
  PERSONAL.slice(33),
  PERSONAL.replace(':', ''),
  `${PERSONAL}:00`,
])('takes %s for nothing that was sealed', async text => {
  expect(await openOldEnvelope('personal', text, [SECRET])).toEqual({ kind: 'malformed' });
});

/** Random bytes that end, under this key, in what looks like padding. */
function noiseThatPasses(key: Buffer): string {
  for (;;) {
    const [iv, noise] = [randomBytes(16), randomBytes(32)];
    const decipher = createDecipheriv('aes-256-cbc', key, iv);
    decipher.update(noise);
    try {
      decipher.final();
      return `${iv.toString('hex')}:${noise.toString('hex')}`;
    } catch {}
  }
}
