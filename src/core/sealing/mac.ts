import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

/**
 * HMAC-SHA256 (RFC 2104) of short texts under one key, as base64url. Node's `Hmac` makes a stream for each text, which
 * takes longer than the two hashes do.
 */
export function createMac(key: Uint8Array): (text: string) => string {
  const [inner, outer] = [padded(key, 0x36), Buffer.concat([padded(key, 0x5c), Buffer.alloc(DIGEST_BYTES)])];
  return text => {
    const digest = hash('sha256', Buffer.concat([inner, Buffer.from(text)]), 'buffer');
    outer.set(digest, BLOCK_BYTES);
    return hash('sha256', outer, 'base64url');
  };
}

/** The key has 32 bytes here; one that is longer than a block would have to be hashed first. */
function padded(key: Uint8Array, pad: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES, pad);
  for (const [at, byte] of key.entries()) block[at] = byte ^ pad;
  return block;
}
