import { z } from 'zod';
import { wordList } from './forms.ts';

const LEAST_SEALING_BYTES = 16;
/** HS256 is as strong as its secret: RFC 7518 asks for the length of the hash. */
const LEAST_SIGNING_BYTES = 32;
/** From the documentation of an older system: whoever copied it seals with a key that everybody knows. */
const KNOWN_EXAMPLE = 'your-super-secret-encryption-key-change-this-in-production';

/** Newest first. */
export const sealingSecrets = wordList
  .refine(secrets => secrets.every(secret => Buffer.byteLength(secret) >= LEAST_SEALING_BYTES), {
    error: `each secret must have at least ${LEAST_SEALING_BYTES} bytes`,
  })
  .refine(secrets => !secrets.includes(KNOWN_EXAMPLE), {
    error: 'is the example from the documentation, which everybody knows',
  })
  .default([]);

/** A bearer token stands in a header, so nothing that has no place there. */
export const metricsSecret = z
  .string()
  .regex(/^[\x21-\x7e]{16,}$/, `must have at least ${LEAST_SEALING_BYTES} printable characters and no space`)
  .optional();

export const signingSecret = z
  .string()
  .refine(secret => Buffer.byteLength(secret) >= LEAST_SIGNING_BYTES, {
    error: `must have at least ${LEAST_SIGNING_BYTES} bytes`,
  })
  .optional();
