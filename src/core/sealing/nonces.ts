import { randomFillSync } from 'node:crypto';

const BLOCK = 64;

/**
 * Random bytes of one length, each given out once. They are drawn a block at a time: the random source takes as long
 * for one nonce as for a block. Nonces are no secret, so those that lie in memory give nothing away.
 */
export function createNonces(lengthBytes: number): () => Buffer {
  const block = Buffer.alloc(BLOCK * lengthBytes);
  let at = block.length;
  return () => {
    if (at === block.length) {
      randomFillSync(block);
      at = 0;
    }
    at += lengthBytes;
    // A copy: the block is filled anew.
    return Buffer.from(block.subarray(at - lengthBytes, at));
  };
}
