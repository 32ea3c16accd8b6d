import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { SessionError } from '../errors.ts';
import type { Entry } from '../store.ts';
import { createMac } from './mac.ts';
import { createNonces } from './nonces.ts';

const FORMAT = 1;
const FORMAT_BYTE = Buffer.of(FORMAT);
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;

/**
 * Names and seals the entries of one session under its data key.
 *
 * The associated data binds a blob to its session and entry name, so a blob that was moved, swapped or cut never
 * opens. What is *not* defended: someone who writes to the database can put back an older blob of the same entry.
 */
export interface Sealer {
  /** `type`, or `type:MAC of id`: ids hold phone numbers, types are the field's public words. */
  nameOf(type: string, id: string): string;
  /** The entry as it is kept. Its value: format | data key id | nonce | sealed (length of id, id, value) | tag */
  seal(type: string, id: string, value: Uint8Array): Entry;
  /** DECRYPTION_FAILED where the blob is not one that this sealer made for that entry. */
  unseal(type: string, id: string, blob: Uint8Array): Uint8Array;
  /** The same for an entry of which only the name is known: says whose it is. */
  identify(
    name: string,
    blob: Uint8Array,
  ): { readonly type: string; readonly id: string; readonly value: Uint8Array };
}

export function newDataKey(): Uint8Array {
  return randomBytes(32);
}

export function createSealer(sessionId: string, dataKey: Uint8Array): Sealer {
  const derive = (purpose: string, length: number) =>
    Buffer.from(hkdfSync('sha256', dataKey, '', `sessiongraph/v1/${purpose}`, length));
  const key = derive('entry', 32);
  const nameMac = createMac(derive('entry-name', 32));
  const keyId = derive('data-key-id', KEY_ID_BYTES);
  const nextNonce = createNonces(NONCE_BYTES);

  function nameOf(type: string, id: string): string {
    if (id === '') return type;
    return `${type}:${nameMac(`${type}\n${id}`).slice(0, 22)}`;
  }

  function associatedData(name: string): Buffer {
    return Buffer.from(`sessiongraph/v1/entry/${sessionId.length}/${sessionId}/${name}`);
  }

  return {
    nameOf,

    seal(type, id, value) {
      const name = nameOf(type, id);
      const nonce = nextNonce();
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associatedData(name));
      const idBytes = Buffer.from(id);
      const idLength = Buffer.allocUnsafe(2);
      idLength.writeUInt16BE(idBytes.length);
      const sealed = [cipher.update(Buffer.concat([idLength, idBytes, value])), cipher.final()];
      return { name, value: Buffer.concat([FORMAT_BYTE, keyId, nonce, ...sealed, cipher.getAuthTag()]) };
    },

    unseal(type, id, blob) {
      const entry = identify(nameOf(type, id), blob);
      if (entry.id !== id) throw doesNotOpen(type);
      return entry.value;
    },

    identify,
  };

  function identify(name: string, blob: Uint8Array) {
    const [type = ''] = name.split(':');
    const plain = openBlob(blob, associatedData(name));
    if (!plain) throw doesNotOpen(type);
    const end = 2 + plain.readUInt16BE(0);
    return { type, id: plain.toString('utf8', 2, end), value: plain.subarray(end) };
  }

  function doesNotOpen(type: string): SessionError {
    return new SessionError(
      'DECRYPTION_FAILED',
      `session ${sessionId}: an entry of type ${type} does not open`,
    );
  }

  function openBlob(blob: Uint8Array, aad: Buffer): Buffer | undefined {
    if (blob.length < HEADER_BYTES + 2 + TAG_BYTES || blob[0] !== FORMAT) return undefined;
    if (!keyId.equals(blob.subarray(1, 1 + KEY_ID_BYTES))) return undefined;
    try {
      const decipher = createDecipheriv(
        'aes-256-gcm',
        key,
        blob.subarray(1 + KEY_ID_BYTES, HEADER_BYTES),
      ).setAAD(aad);
      decipher.setAuthTag(blob.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(blob.subarray(HEADER_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}
