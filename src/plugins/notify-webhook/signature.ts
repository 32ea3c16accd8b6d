import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/** The bytes that sign: what stands in base64 behind `whsec_`, or any other text as it is. */
export function readSigningKey(secret: string): Buffer {
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret);
}

/**
 * The headers of Standard Webhooks 1.0. The id is the same in every attempt, so that a receiver can tell what it has
 * already; the time is that of this attempt, so that what somebody recorded is soon worth nothing.
 */
export function signatureHeaders(key: Buffer, id: string, sentAtMs: number, body: string) {
  const timestamp = String(Math.floor(sentAtMs / 1_000));
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` };
}
