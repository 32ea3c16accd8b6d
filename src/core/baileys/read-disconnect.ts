import type { Disconnect } from '../sessions/disconnect-reasons.ts';

/** The text tells who spoke, and only that: two different stream errors can have the same text. */
export function readDisconnect(error: Error | undefined): Disconnect {
  if (!error) return { origin: 'local' };
  const code = (error as { output?: { statusCode?: number } }).output?.statusCode;
  const withCode = code === undefined ? {} : { code };
  if (error.message.startsWith('QR refs attempts ended')) return { origin: 'pairing-timeout', ...withCode };
  if (error.message.startsWith('WebSocket Error')) return { origin: 'transport', ...withCode };
  return { origin: 'whatsapp', ...withCode };
}
