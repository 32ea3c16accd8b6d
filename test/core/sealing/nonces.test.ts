import { expect, it } from 'vitest';
import { createNonces } from '../../../src/core/sealing/nonces.ts';

const MILLION = 1_000_000;

it('gives out no nonce twice in a million, and leaves alone what it gave out', () => {
  const sources = [createNonces(12), createNonces(12)];
  const given = Array.from({ length: MILLION }, (_, i) => sources[i % 2]?.() ?? Buffer.of());
  expect(given.every(nonce => nonce.length === 12)).toBe(true);
  expect(new Set(given.map(nonce => nonce.toString('latin1'))).size).toBe(MILLION);
});
