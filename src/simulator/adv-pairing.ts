import { createHmac } from 'node:crypto';
import { Curve, type KeyPair, proto } from '@whiskeysockets/baileys';
import { nowSeconds } from './stanza.ts';
import { verifyXeddsa } from './xeddsa.ts';

const ACCOUNT_SIGNATURE_PREFIX = Buffer.from([6, 0]);
const DEVICE_SIGNATURE_PREFIX = Buffer.from([6, 1]);

/** What a companion shows in its QR code. */
export interface ScannedQr {
  readonly ref: string;
  readonly noiseKey: Buffer;
  readonly identityKey: Buffer;
  readonly advSecret: Buffer;
}

/** Reads a QR text; newer clients put a URL and a # before the fields. Throws on a text that holds too few. */
export function parseQr(text: string): ScannedQr {
  const [ref, noiseKey, identityKey, advSecret] = text.slice(text.indexOf('#') + 1).split(',');
  if (!ref || !noiseKey || !identityKey || !advSecret) throw new Error('this is not a pairing QR text');
  return {
    ref,
    noiseKey: Buffer.from(noiseKey, 'base64'),
    identityKey: Buffer.from(identityKey, 'base64'),
    advSecret: Buffer.from(advSecret, 'base64'),
  };
}

/** The account's signed statement that a companion identity is one of its devices (ADV). */
export interface DeviceStatement {
  readonly details: Uint8Array;
  /** The statement under the secret that phone and companion share, as pair-success carries it. */
  readonly sealed: Uint8Array;
}

export function signDevice(
  accountKey: KeyPair,
  companion: Pick<ScannedQr, 'identityKey' | 'advSecret'>,
  keyIndex: number,
): DeviceStatement {
  const details = proto.ADVDeviceIdentity.encode({
    rawId: keyIndex,
    timestamp: nowSeconds(),
    keyIndex,
    accountType: proto.ADVEncryptionType.E2EE,
    deviceType: proto.ADVEncryptionType.E2EE,
  }).finish();
  const message = Buffer.concat([ACCOUNT_SIGNATURE_PREFIX, details, companion.identityKey]);
  const signed = proto.ADVSignedDeviceIdentity.encode({
    details,
    accountSignatureKey: accountKey.public,
    accountSignature: Curve.sign(accountKey.private, message),
  }).finish();
  const hmac = createHmac('sha256', companion.advSecret).update(signed).digest();
  return { details, sealed: proto.ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac }).finish() };
}

/** Whether the companion counter-signed that very statement with the identity it showed. */
export function isCountersigned(
  reply: Uint8Array,
  statement: DeviceStatement,
  keys: { readonly companionIdentity: Uint8Array; readonly accountIdentity: Uint8Array },
): boolean {
  const { details, deviceSignature } = proto.ADVSignedDeviceIdentity.decode(reply);
  if (!details || !deviceSignature || !Buffer.from(details).equals(statement.details)) return false;
  const message = Buffer.concat([
    DEVICE_SIGNATURE_PREFIX,
    details,
    keys.companionIdentity,
    keys.accountIdentity,
  ]);
  return verifyXeddsa(keys.companionIdentity, message, deviceSignature);
}
