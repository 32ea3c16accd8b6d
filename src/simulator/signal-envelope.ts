/**
 * Reads the clear-text headers of Signal ciphertexts. A server sees them without any key, and they are all it
 * needs to notice that a client went back in time.
 */
export type EncType = 'pkmsg' | 'msg' | 'skmsg';

export interface RatchetHeader {
  readonly ratchetKey: string;
  readonly counter: number;
  /** The message as it would travel without the pre-key wrapping. */
  readonly body: Buffer;
}

export interface PreKeyHeader extends RatchetHeader {
  readonly preKeyId: number | undefined;
  readonly baseKey: string;
  readonly identityKey: Buffer;
  readonly registrationId: number;
}

export interface SenderKeyHeader {
  readonly keyId: number;
  readonly iteration: number;
}

const VERSION_BYTES = 1;
const MAC_BYTES = 8;
const SIGNATURE_BYTES = 64;

export function readRatchetHeader(ciphertext: Buffer): RatchetHeader {
  const fields = readFields(ciphertext.subarray(VERSION_BYTES, -MAC_BYTES));
  return { ratchetKey: hex(fields.get(1)), counter: number(fields.get(2)), body: ciphertext };
}

export function readPreKeyHeader(ciphertext: Buffer): PreKeyHeader {
  const fields = readFields(ciphertext.subarray(VERSION_BYTES));
  const preKeyId = fields.get(1);
  return {
    ...readRatchetHeader(bytes(fields.get(4))),
    preKeyId: preKeyId === undefined ? undefined : number(preKeyId),
    baseKey: hex(fields.get(2)),
    identityKey: bytes(fields.get(3)),
    registrationId: number(fields.get(5)),
  };
}

export function readSenderKeyHeader(ciphertext: Buffer): SenderKeyHeader {
  const fields = readFields(ciphertext.subarray(VERSION_BYTES, -SIGNATURE_BYTES));
  return { keyId: number(fields.get(1)), iteration: number(fields.get(2)) };
}

type Field = number | Buffer | undefined;

const number = (field: Field) => (typeof field === 'number' ? field : 0);
const bytes = (field: Field) => (Buffer.isBuffer(field) ? field : Buffer.alloc(0));
const hex = (field: Field) => bytes(field).toString('hex');

/** Protobuf with the two wire types these messages use: varint and length-delimited. */
function readFields(message: Buffer): Map<number, number | Buffer> {
  const fields = new Map<number, number | Buffer>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw new Error('a Signal header ends in the middle of a number');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const wireType = tag & 7;
    if (wireType !== 0 && wireType !== 2) throw new Error(`wire type ${wireType} in a Signal header`);
    const value = varint();
    if (wireType === 2) {
      fields.set(tag >>> 3, message.subarray(at, at + value));
      at += value;
    } else fields.set(tag >>> 3, value);
  }
  return fields;
}
