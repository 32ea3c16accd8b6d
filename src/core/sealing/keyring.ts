import { createCipheriv, createDecipheriv, hkdfSync, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { SessionError } from '../errors.ts';

const FORMAT = 1;
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const DATA_KEY_BYTES = 32;
const PASSPHRASE_ITERATIONS = 600_000;

/**
 * A constant of the format, not a secret: every server must derive the same key from the same passphrase, with no
 * place to keep a salt. The iteration count (OWASP, PBKDF2-HMAC-SHA256) is what makes guessing slow.
 */
const PASSPHRASE_SALT = 'sessiongraph/v1/passphrase';

/** The keys made from SESSION_ENCRYPTION_SECRET: they wrap the data keys of sessions, and others are derived from them. */
export interface Keyring {
  /** Names the secrets, newest first, and tells nothing of them. */
  readonly fingerprints: readonly string[];
  /** Wraps under the newest secret. */
  wrap(sessionId: string, dataKey: Uint8Array): Uint8Array;
  /** DECRYPTION_FAILED where no secret of this ring fits, or the bytes are not what was wrapped. */
  unwrap(sessionId: string, wrapped: Uint8Array): Uint8Array;
  /** The same data key under the newest secret; undefined where it is under that one already. DECRYPTION_FAILED. */
  rewrap(sessionId: string, wrapped: Uint8Array): Uint8Array | undefined;
  /** One key for each secret, newest first, for a purpose that no other part of the program has. */
  derive(purpose: string): readonly DerivedKey[];
}

export interface DerivedKey {
  /** Names the secret, and tells nothing of it. */
  readonly id: Buffer;
  readonly key: Buffer;
}

/** `secrets` newest first. Each is 32 random bytes as hex or base64, or else taken as a passphrase. */
export async function createKeyring(secrets: readonly string[]): Promise<Keyring> {
  const keys = await Promise.all(secrets.map(deriveWrappingKey));
  const [newest] = keys;
  if (!newest) throw new Error('a keyring needs at least one secret');

  function unwrapByName(sessionId: string, wrapped: Uint8Array): Uint8Array {
    const name = fingerprintOf(wrapped);
    const key = keys.find(({ id }) => id.toString('hex') === name);
    if (!key) throw decryptionFailed(sessionId, 'sealed under another secret');
    return unwrap(key, sessionId, wrapped);
  }

  return {
    fingerprints: keys.map(({ id }) => id.toString('hex')),
    wrap: (sessionId, dataKey) => wrap(newest, sessionId, dataKey),
    unwrap: unwrapByName,
    rewrap(sessionId, wrapped) {
      if (fingerprintOf(wrapped) === newest.id.toString('hex')) return undefined;
      return wrap(newest, sessionId, unwrapByName(sessionId, wrapped));
    },
    derive: purpose =>
      keys.map(({ id, key }) => ({
        id,
        key: Buffer.from(hkdfSync('sha256', key, '', `sessiongraph/v1/${purpose}`, 32)),
      })),
  };
}

/** Which secret a wrapped data key says it is under; undefined where it is no wrapped data key. */
export function fingerprintOf(wrapped: Uint8Array): string | undefined {
  if (wrapped[0] !== FORMAT || wrapped.length < 1 + KEY_ID_BYTES) return undefined;
  return Buffer.from(wrapped.subarray(1, 1 + KEY_ID_BYTES)).toString('hex');
}

async function deriveWrappingKey(secret: string): Promise<DerivedKey> {
  const material = readRandomKey(secret) ?? (await stretchPassphrase(secret));
  return {
    id: Buffer.from(hkdfSync('sha256', material, '', 'sessiongraph/v1/wrapping-key-id', KEY_ID_BYTES)),
    key: Buffer.from(hkdfSync('sha256', material, '', 'sessiongraph/v1/wrapping-key', 32)),
  };
}

function readRandomKey(secret: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(secret)) return Buffer.from(secret, 'hex');
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(secret)) return Buffer.from(secret, 'base64');
  return undefined;
}

function stretchPassphrase(passphrase: string): Promise<Buffer> {
  return promisify(pbkdf2)(passphrase, PASSPHRASE_SALT, PASSPHRASE_ITERATIONS, 32, 'sha256');
}

/** format | key id | nonce | sealed data key | tag */
function wrap(key: DerivedKey, sessionId: string, dataKey: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.key, nonce).setAAD(associatedData(sessionId));
  const sealed = Buffer.concat([cipher.update(dataKey), cipher.final()]);
  return Buffer.concat([Buffer.of(FORMAT), key.id, nonce, sealed, cipher.getAuthTag()]);
}

function unwrap(key: DerivedKey, sessionId: string, wrapped: Uint8Array): Uint8Array {
  const start = 1 + KEY_ID_BYTES;
  if (wrapped.length !== start + NONCE_BYTES + DATA_KEY_BYTES + TAG_BYTES) {
    throw decryptionFailed(sessionId, 'the wrapped data key has a wrong length');
  }
  try {
    const nonce = wrapped.subarray(start, start + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key.key, nonce).setAAD(associatedData(sessionId));
    decipher.setAuthTag(wrapped.subarray(-TAG_BYTES));
    return Buffer.concat([
      decipher.update(wrapped.subarray(start + NONCE_BYTES, -TAG_BYTES)),
      decipher.final(),
    ]);
  } catch (cause) {
    throw decryptionFailed(sessionId, 'the wrapped data key was altered', cause);
  }
}

function associatedData(sessionId: string): Buffer {
  return Buffer.from(`sessiongraph/v1/data-key/${sessionId}`);
}

function decryptionFailed(sessionId: string, what: string, cause?: unknown): SessionError {
  return new SessionError('DECRYPTION_FAILED', `session ${sessionId}: ${what}`, { cause });
}
