import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { createKeyring, fingerprintOf, type Keyring } from '../../../src/core/sealing/keyring.ts';
import { newDataKey } from '../../../src/core/sealing/sealer.ts';

const RANDOM = randomBytes(32);
const PASSPHRASE = 'correct horse battery staple';
let keyring: Keyring;
let withPassphrase: Keyring;
beforeAll(async () => {
  keyring = await createKeyring([RANDOM.toString('hex')]);
  withPassphrase = await createKeyring([PASSPHRASE]);
});

const refused = expect.objectContaining({ code: 'DECRYPTION_FAILED' });

it('unwraps what it wrapped, and nothing with one byte changed, cut or moved to another session', () => {
  const dataKey = newDataKey();
  const wrapped = keyring.wrap('shop', dataKey);
  expect(new Uint8Array(keyring.unwrap('shop', wrapped))).toEqual(new Uint8Array(dataKey));
  expect(Buffer.from(wrapped).includes(Buffer.from(dataKey))).toBe(false);
  expect(() => keyring.unwrap('shop2', wrapped)).toThrow(refused);
  fc.assert(
    fc.property(fc.nat(wrapped.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const changed = Uint8Array.from(wrapped);
      changed[at] = (changed[at] ?? 0) ^ mask;
      expect(() => keyring.unwrap('shop', changed)).toThrow(refused);
      expect(() => keyring.unwrap('shop', wrapped.subarray(0, at))).toThrow(refused);
    }),
  );
});

it('takes the same 32 bytes as hex, base64 and base64url for the same secret', async () => {
  const dataKey = newDataKey();
  const wrapped = keyring.wrap('shop', dataKey);
  for (const encoding of ['base64', 'base64url'] as const) {
    const other = await createKeyring([RANDOM.toString(encoding)]);
    expect(other.unwrap('shop', wrapped)).toEqual(dataKey);
  }
});

it('derives the same key from the same passphrase on every server', async () => {
  const wrapped = withPassphrase.wrap('shop', newDataKey());
  const elsewhere = await createKeyring([PASSPHRASE]);
  expect(elsewhere.unwrap('shop', wrapped)).toEqual(withPassphrase.unwrap('shop', wrapped));
  expect(() => keyring.unwrap('shop', wrapped)).toThrow(refused);
});

it('wraps under the newest of several secrets and unwraps under all of them', async () => {
  const newer = randomBytes(32).toString('hex');
  const both = await createKeyring([newer, RANDOM.toString('hex')]);
  const dataKey = newDataKey();
  expect(both.unwrap('shop', keyring.wrap('shop', dataKey))).toEqual(dataKey);
  const rewrapped = both.wrap('shop', dataKey);
  expect((await createKeyring([newer])).unwrap('shop', rewrapped)).toEqual(dataKey);
  expect(() => keyring.unwrap('shop', rewrapped)).toThrow(refused);
});

it('a wrapped key that names another secret than its own opens under neither, and nothing is rewrapped', async () => {
  const newer = randomBytes(32).toString('hex');
  const both = await createKeyring([newer, RANDOM.toString('hex')]);
  const [newest = '', older] = both.fingerprints;
  const wrapped = keyring.wrap('shop', newDataKey());
  expect(fingerprintOf(wrapped)).toBe(older);
  const swapped = Uint8Array.from(wrapped);
  swapped.set(Buffer.from(newest, 'hex'), 1);
  expect(() => both.unwrap('shop', swapped)).toThrow(refused);
  const cut = wrapped.subarray(0, -1);
  expect(() => both.rewrap('shop', cut)).toThrow(refused);
  const rewrapped = both.rewrap('shop', wrapped) ?? new Uint8Array();
  expect(both.unwrap('shop', rewrapped)).toEqual(both.unwrap('shop', wrapped));
  expect(both.rewrap('shop', rewrapped)).toBeUndefined();
});

it('does not exist without a secret, and its errors do not hold one', async () => {
  await expect(createKeyring([])).rejects.toThrow('at least one secret');
  const foreign = (await createKeyring(['f'.repeat(64)])).wrap('shop', newDataKey());
  expect(() => withPassphrase.unwrap('shop', foreign)).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining(PASSPHRASE) }),
  );
});
