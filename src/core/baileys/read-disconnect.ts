import type { Disconnect } from '../sessions/disconnect-reasons.ts';

/** What Baileys makes of it: the attributes of WhatsApp's answer are the data. */
interface SocketError {
  readonly output: { readonly statusCode: number };
  readonly data?: { readonly expire?: string };
}

const LONGEST_MS = 7 * 24 * 60 * 60 * 1_000;

/** Of a ban for some time WhatsApp tells the seconds. */
function lastsFor(expire: string | undefined): number | undefined {
  const ms = Number(expire) * 1_000;
  return ms > 0 ? Math.min(ms, LONGEST_MS) : undefined;
}

/** The text tells who spoke, and only that: two different stream errors can have the same text. */
export function readDisconnect(error: Error | undefined): Disconnect {
  if (!error) return { origin: 'local' };
  const { output, data } = error as Partial<SocketError>;
  const code = output?.statusCode;
  const lastsMs = lastsFor(data?.expire);
  const withCode = { ...(code !== undefined && { code }), ...(lastsMs !== undefined && { lastsMs }) };
  if (error.message.startsWith('QR refs attempts ended')) return { origin: 'pairing-timeout', ...withCode };
  if (error.message.startsWith('WebSocket Error')) return { origin: 'transport', ...withCode };
  return { origin: 'whatsapp', ...withCode };
}
