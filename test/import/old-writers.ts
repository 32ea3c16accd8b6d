import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import { type AuthenticationCreds, BufferJSON, Curve, initAuthCreds } from '@whiskeysockets/baileys';
import { Binary, type Document } from 'mongodb';

/** Credentials as they are after a pairing. */
export function linkedCreds(user = '15550001'): AuthenticationCreds {
  const creds = initAuthCreds();
  const id = `${user}:3@s.whatsapp.net`;
  return {
    ...creds,
    registered: true,
    me: { id, lid: '20177700001:3@lid', name: 'Ada' },
    account: {
      details: randomBytes(18),
      accountSignatureKey: randomBytes(32),
      accountSignature: randomBytes(64),
      deviceSignature: randomBytes(64),
    },
    signalIdentities: [
      { identifier: { name: id, deviceId: 0 }, identifierKey: Buffer.from(Curve.generateKeyPair().public) },
    ],
    platform: 'android',
    myAppStateKeyId: 'AAAAAPx/',
    lastAccountSyncTimestamp: 1_769_068_712,
  };
}

/** What Baileys itself writes of it, whatever way it went. */
export const inBaileysEncoding = (creds: unknown) => JSON.parse(JSON.stringify(creds, BufferJSON.replacer));

/** First generation: a sub-document, with bytes as binary data and what is undefined as null. */
export function asDocument(creds: AuthenticationCreds): Document {
  return { ...creds, pairingCode: null, lastPropHash: null, routingInfo: null, additionalData: null };
}

/** Second generation, and the value in Redis: JSON, with bytes as lists of numbers. */
export const asText = (creds: AuthenticationCreds) => JSON.stringify(creds);

/** A first one that was read and saved again by the second: JSON, with bytes as bare base64. */
export function asTextOfDocument(creds: AuthenticationCreds): string {
  return JSON.stringify(withBytes(asDocument(creds), bytes => new Binary(bytes, 0)));
}

/** A document around credentials, as the older system saved one. */
export function oldDocument(sessionId: string, credentials: unknown): Document {
  const at = new Date('2026-01-21T03:04:05.678Z');
  return {
    sessionId,
    credentials,
    state: null,
    phoneNumber: '15550001',
    meId: '15550001:3@s.whatsapp.net',
    connectionStatus: 'connected',
    ...{ lastUpdate: at, lastSaved: at, createdAt: at, updatedAt: at },
    __v: 0,
  };
}

/** The content of a row: what the older system sealed, under the key that it made. */
export function sealedRow(sessionId: string, secret: string, content: unknown): string {
  const key = pbkdf2Sync(sessionId + secret, 'whiskeysocket', 100_000, 32, 'sha256');
  return sealUnder(key, JSON.stringify(content));
}

export function sealUnder(key: Buffer, plaintext: string): string {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  return `${iv.toString('hex')}:${cipher.update(plaintext, 'utf8', 'hex')}${cipher.final('hex')}`;
}

/** `{creds, timestamp}`, the credentials as they are in `creds.json`. */
export const rowContent = (creds: AuthenticationCreds) => ({
  creds: inBaileysEncoding(creds),
  timestamp: Date.now(),
});

/** The same value with every piece of bytes as something else. */
export function withBytes(
  value: unknown,
  encode: (bytes: Uint8Array, field: string) => unknown,
  field = '',
): unknown {
  if (value instanceof Uint8Array) return encode(value, field);
  if (Array.isArray(value)) return value.map(item => withBytes(item, encode));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withBytes(inner, encode, key)]),
  );
}
