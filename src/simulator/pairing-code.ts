import { createCipheriv, createDecipheriv, hkdfSync, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { Curve, type KeyPair } from '@whiskeysockets/baileys';

/** Neither 0, I, O nor U. */
const CODE = /^[1-9A-HJ-NP-TV-Z]{8}$/;
const ITERATIONS = 131_072;
const KEY_BYTES = 32;
const SALT_BYTES = 32;
const CTR_IV_BYTES = 16;
const GCM_IV_BYTES = 12;
const TAG_BYTES = 16;

const deriveKey = promisify(pbkdf2);

/** A code as people type it: in any case, with or without the hyphen. Throws where no phone would let it pass. */
export function readPairingCode(typed: string): string {
  const code = typed.replace(/[\s-]/g, '').toUpperCase();
  if (!CODE.test(code)) throw new Error('a pairing code is 8 digits or letters without 0, I, O and U');
  return code;
}

/** What a phone learns from the client's bundle. */
export interface OpenedBundle {
  readonly companionIdentity: Buffer;
  readonly primaryIdentity: Buffer;
  /** Under which the device identity is sealed, as the secret in a QR code is. */
  readonly advSecret: Buffer;
}

/** The phone's half of the exchange that the code protects. */
export interface CodeExchange {
  /** The phone's ephemeral key under the code, for the client. */
  readonly wrappedEphemeral: Buffer;
  /** Opens what the client sealed for the phone. Throws if the two have not used the same code. */
  openBundle(sealed: Buffer): OpenedBundle;
}

/** Answers the wrapped ephemeral key of a client. A wrong code is only noticed when the bundle is opened. */
export async function answerWithCode(
  code: string,
  identity: KeyPair,
  wrappedClientKey: Buffer,
): Promise<CodeExchange> {
  const ephemeral = Curve.generateKeyPair();
  const clientKey = await unwrap(code, wrappedClientKey);
  return {
    wrappedEphemeral: await wrap(code, ephemeral.public),
    openBundle(sealed) {
      const shared = Curve.sharedKey(ephemeral.private, clientKey);
      const bundle = openSealed(sealed, shared);
      const companionIdentity = bundle.subarray(0, KEY_BYTES);
      const random = bundle.subarray(2 * KEY_BYTES);
      const identityShared = Curve.sharedKey(identity.private, companionIdentity);
      const secrets = Buffer.concat([shared, identityShared, random]);
      const advSecret = Buffer.from(hkdfSync('sha256', secrets, '', 'adv_secret', KEY_BYTES));
      return { companionIdentity, primaryIdentity: bundle.subarray(KEY_BYTES, 2 * KEY_BYTES), advSecret };
    },
  };
}

async function wrap(code: string, publicKey: Uint8Array): Promise<Buffer> {
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(CTR_IV_BYTES);
  const key = await deriveKey(code, salt, ITERATIONS, KEY_BYTES, 'sha256');
  return Buffer.concat([salt, iv, createCipheriv('aes-256-ctr', key, iv).update(publicKey)]);
}

async function unwrap(code: string, wrapped: Buffer): Promise<Buffer> {
  const salt = wrapped.subarray(0, SALT_BYTES);
  const iv = wrapped.subarray(SALT_BYTES, SALT_BYTES + CTR_IV_BYTES);
  const key = await deriveKey(code, salt, ITERATIONS, KEY_BYTES, 'sha256');
  return createDecipheriv('aes-256-ctr', key, iv).update(wrapped.subarray(SALT_BYTES + CTR_IV_BYTES));
}

function openSealed(sealed: Buffer, shared: Uint8Array): Buffer {
  const salt = sealed.subarray(0, SALT_BYTES);
  const iv = sealed.subarray(SALT_BYTES, SALT_BYTES + GCM_IV_BYTES);
  const info = 'link_code_pairing_key_bundle_encryption_key';
  const key = Buffer.from(hkdfSync('sha256', shared, salt, info, KEY_BYTES));
  const decipher = createDecipheriv('aes-256-gcm', key, iv).setAuthTag(sealed.subarray(-TAG_BYTES));
  const opened = decipher.update(sealed.subarray(SALT_BYTES + GCM_IV_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([opened, decipher.final()]);
  } catch (cause) {
    throw new Error('this is not the code that the client shows', { cause });
  }
}
