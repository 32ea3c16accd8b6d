import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMac } from '../../../src/core/sealing/mac.ts';

it('is the HMAC-SHA256 of every text under every key', () => {
  const keys = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(keys, texts, (key, all) => {
      const mac = createMac(key);
      for (const text of all)
        expect(mac(text)).toBe(createHmac('sha256', key).update(text).digest('base64url'));
    }),
  );
});
