import { expect, it } from 'vitest';
import { createNonces } from '../../../src/core/sealing/nonces.ts';

it('gives out no nonce twice, however many, and leaves alone what it gave out', () => {
  const sources = [createNonces(12), createNonces(12)];
  const given = Array.from({ length: 1_000 }, (_, i) => sources[i % 2]?.() ?? Buffer.of());
  expect(given.every(nonce => nonce.length === 12)).toBe(true);
  expect(new Set(given.map(nonce => nonce.toString('hex'))).size).toBe(given.length);
});
