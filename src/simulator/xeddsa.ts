import { createPublicKey, verify } from 'node:crypto';

const PRIME = 2n ** 255n - 19n;
const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const SIGN_BIT = 0x80;

/**
 * Whether a signature by a Curve25519 key is right (XEdDSA, as libsignal signs). Baileys' own `Curve.verify`
 * answers true to any 64 bytes, so it can't be used to judge what a client sent.
 */
export function verifyXeddsa(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const plain = Buffer.from(signature);
  const sign = (plain[63] ?? 0) & SIGN_BIT;
  plain[63] = (plain[63] ?? 0) & ~SIGN_BIT;
  const edwards = edwardsKey(publicKey);
  edwards[31] = (edwards[31] ?? 0) | sign;
  const key = createPublicKey({
    key: Buffer.concat([ED25519_SPKI_PREFIX, edwards]),
    format: 'der',
    type: 'spki',
  });
  return verify(null, message, key, plain);
}

/** The birational map from the Montgomery to the Edwards curve: y = (u - 1) / (u + 1). */
function edwardsKey(montgomery: Uint8Array): Buffer {
  const u = BigInt(`0x${Buffer.from(montgomery).reverse().toString('hex')}`) % 2n ** 255n;
  const y = (mod(u - 1n) * inverse(u + 1n)) % PRIME;
  return Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse();
}

const mod = (value: bigint) => ((value % PRIME) + PRIME) % PRIME;

/** By Fermat's little theorem: x^(p-2). */
function inverse(value: bigint): bigint {
  let result = 1n;
  let base = mod(value);
  for (let exponent = PRIME - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % PRIME;
    base = (base * base) % PRIME;
  }
  return result;
}
