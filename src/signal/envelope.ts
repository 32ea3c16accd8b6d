/** Where a Signal message stands in its ratchet: the clear-text header, readable without any key. */
export interface RatchetHeader {
  /** Base64, as libsignal names its chains. */
  readonly ratchetKey: string;
  readonly counter: number;
}

const VERSION_BYTES = 1;
const MAC_BYTES = 8;

/** Of a `msg` ciphertext: version byte, protobuf {1 ratchet key, 2 counter, 3 previous counter}, 8 bytes of MAC. */
export function readRatchetHeader(ciphertext: Uint8Array): RatchetHeader {
  const fields = readFields(Buffer.from(ciphertext).subarray(VERSION_BYTES, -MAC_BYTES));
  const [key, counter] = [fields.get(1), fields.get(2)];
  return {
    ratchetKey: Buffer.isBuffer(key) ? key.toString('base64') : '',
    counter: typeof counter === 'number' ? counter : 0,
  };
}

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
