import { proto } from '@whiskeysockets/baileys';
import { readBigEndian } from './stanza.ts';

/** A device that asks to be paired, with the keys it will answer for. */
export interface RegistrationRequest {
  readonly kind: 'registration';
  readonly registrationId: number;
  readonly identityKey: Buffer;
  readonly signedPreKey: { readonly keyId: number; readonly publicKey: Buffer; readonly signature: Buffer };
}

/** A device that says it was paired before. */
export interface LoginRequest {
  readonly kind: 'login';
  readonly number: string;
  readonly deviceId: number;
}

/** What the client wants, told by the presence of `devicePairingData`. Throws on bytes that say neither. */
export function readClientPayload(bytes: Uint8Array): RegistrationRequest | LoginRequest {
  const payload = proto.ClientPayload.decode(bytes);
  const pairing = payload.devicePairingData;
  if (pairing) {
    return {
      kind: 'registration',
      registrationId: readBigEndian(field(pairing.eRegid, 'eRegid')),
      identityKey: field(pairing.eIdent, 'eIdent'),
      signedPreKey: {
        keyId: readBigEndian(field(pairing.eSkeyId, 'eSkeyId')),
        publicKey: field(pairing.eSkeyVal, 'eSkeyVal'),
        signature: field(pairing.eSkeySig, 'eSkeySig'),
      },
    };
  }
  if (!payload.username) throw new Error('the client payload asks neither to pair nor to log in');
  return { kind: 'login', number: String(payload.username), deviceId: payload.device ?? 0 };
}

function field(bytes: Uint8Array | null | undefined, name: string): Buffer {
  if (!bytes) throw new Error(`the pairing data lack ${name}`);
  return Buffer.from(bytes);
}
