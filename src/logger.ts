import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config.ts';

/** Writes to standard output, one event a line; for people where a terminal is watching. */
export function createLogger({ logLevel, logFormat }: Pick<Config, 'logLevel' | 'logFormat'>): Logger {
  const options = { level: logLevel, base: null, serializers: { err: describeError } };
  const isPretty = logFormat === 'pretty' || (logFormat === undefined && process.stdout.isTTY);
  // In the process and not in a worker: the last lines before an exit are the ones that matter.
  return isPretty ? pino(options, pretty({ sync: true, ignore: 'pid,hostname' })) : pino(options);
}

/**
 * Baileys logs what goes over the wire, and a log must hold nothing secret: what it has to say reaches us by its
 * events and errors.
 */
export const silentLogger = pino({ level: 'silent' });

/** Only what an error says of itself: what libraries hang on their errors may hold anything. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, message, stack, cause } = error;
  const code = (error as { code?: unknown }).code;
  return {
    name,
    message,
    stack,
    ...(typeof code === 'string' && { code }),
    ...(cause !== undefined && { cause: describeError(cause) }),
  };
}
