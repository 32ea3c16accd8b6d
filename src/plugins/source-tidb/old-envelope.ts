import { createDecipheriv, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';

/** What the older system used where nobody had set a secret, and what its documentation told people to change. */
const KNOWN_TO_EVERYBODY = [
  'whiskeysocket-default-secret',
  'your-super-secret-encryption-key-change-this-in-production',
];
const SALT = 'whiskeysocket';
const ITERATIONS = 100_000;
const FORM = /^([0-9a-f]{32}):((?:[0-9a-f]{32})+)$/i;

/** Off the event loop: it takes tens of milliseconds. */
const stretch = promisify(pbkdf2);
const utf8 = new TextDecoder('utf-8', { fatal: true });

export type OpenedEnvelope =
  | { readonly kind: 'opened'; readonly content: Readonly<Record<string, unknown>> }
  /** Sealed, but under none of these secrets. */
  | { readonly kind: 'locked' }
  /** Not what the older system wrote. */
  | { readonly kind: 'malformed' };

/**
 * Opens `hex(iv):hex(AES-256-CBC)`. Nothing in it tells a wrong key for certain: one in 256 passes the check of the
 * padding, so only what is a JSON object counts as opened. Secrets are taken as they stand, hex or not.
 */
export async function openOldEnvelope(
  sessionId: string,
  sealed: string,
  secrets: readonly string[],
): Promise<OpenedEnvelope> {
  const [, iv, ciphertext] = FORM.exec(sealed) ?? [];
  if (iv === undefined || ciphertext === undefined) return { kind: 'malformed' };
  for (const secret of candidates(secrets)) {
    const key = await stretch(sessionId + secret, SALT, ITERATIONS, 32, 'sha256');
    const content = decrypt(key, Buffer.from(iv, 'hex'), Buffer.from(ciphertext, 'hex'));
    if (content) return { kind: 'opened', content };
  }
  return { kind: 'locked' };
}

/** A secret with a comma in it was one secret there, and is a list here. */
function candidates(secrets: readonly string[]): ReadonlySet<string> {
  return new Set([...secrets, ...(secrets.length > 1 ? [secrets.join(',')] : []), ...KNOWN_TO_EVERYBODY]);
}

function decrypt(key: Buffer, iv: Buffer, ciphertext: Buffer): Record<string, unknown> | undefined {
  try {
    const decipher = createDecipheriv('aes-256-cbc', key, iv);
    const content = JSON.parse(utf8.decode(Buffer.concat([decipher.update(ciphertext), decipher.final()])));
    return typeof content === 'object' && content !== null && !Array.isArray(content) ? content : undefined;
  } catch {
    return undefined;
  }
}
