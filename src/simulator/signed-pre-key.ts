import { generateSignalPubKey } from '@whiskeysockets/baileys';
import type { KeyBundle } from './device.ts';
import { verifyXeddsa } from './xeddsa.ts';

/** Peers would refuse a pre-key that its owner has not signed. */
export const isSignedBy = (identityKey: Uint8Array, { publicKey, signature }: KeyBundle['signedPreKey']) =>
  verifyXeddsa(identityKey, generateSignalPubKey(publicKey), signature);
