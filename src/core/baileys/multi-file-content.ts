import type { AuthenticationCreds } from '@whiskeysockets/baileys';
import { readAccount } from './account.ts';
import { decodeCreds } from './codec.ts';

/** Credentials of an older program, in the encoding that is kept. */
export interface OldCreds {
  readonly value: Uint8Array;
  readonly isLinked: boolean;
}

/** What a key file holds; undefined where it was cut off, or holds nothing. */
export function readOldValue(text: string): Uint8Array | undefined {
  try {
    const value = JSON.parse(text, withoutTraps);
    return value === null || value === undefined ? undefined : Buffer.from(JSON.stringify(value));
  } catch {
    return undefined;
  }
}

/** Undefined where these are no credentials that Baileys could log in with. */
export function readOldCreds(text: string): OldCreds | undefined {
  const value = readOldValue(text);
  return value && judgeCreds(value);
}

/** The same for what is in Baileys' encoding already. */
export function judgeCreds(value: Uint8Array): OldCreds | undefined {
  try {
    const creds = decodeCreds(value);
    return isWhole(creds) ? { value, isLinked: readAccount(creds) !== undefined } : undefined;
  } catch {
    return undefined;
  }
}

/** The file is somebody else's: such a key would reach into the prototype of whatever it is copied into. */
function withoutTraps(key: string, value: unknown): unknown {
  return key === '__proto__' || key === 'constructor' ? undefined : value;
}

function isWhole({
  noiseKey,
  signedIdentityKey,
  signedPreKey,
  registrationId,
}: AuthenticationCreds): boolean {
  const pairs = [noiseKey, signedIdentityKey, signedPreKey.keyPair];
  const arePairs = pairs.every(pair => isBytes(pair.private, 32) && isBytes(pair.public, 32));
  return arePairs && isBytes(signedPreKey.signature, 64) && Number.isInteger(registrationId);
}

const isBytes = (value: unknown, length: number) => value instanceof Uint8Array && value.length === length;
