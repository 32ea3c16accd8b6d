import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config.ts';
import { withoutSecrets } from './log-filter.ts';

/** One event a line, to standard output where no place is given; for people where a terminal is watching. */
export function createLogger(
  { logLevel, logFormat }: Pick<Config, 'logLevel' | 'logFormat'>,
  destination?: DestinationStream,
): Logger {
  const options = {
    level: logLevel,
    base: null,
    formatters: { log: withoutSecrets },
    // The filter has made plain fields of every error; pino's own serializer would add to them.
    serializers: { err: (described: unknown) => described },
  };
  if (destination) return pino(options, destination);
  // In the process and not in a worker: the last lines before an exit are the ones that matter.
  return isForPeople({ logFormat })
    ? pino(options, pretty({ sync: true, ignore: 'pid,hostname,event' }))
    : pino(options);
}

/** Whether what is printed is read as it is, and not by a program. */
export function isForPeople({ logFormat }: Pick<Config, 'logFormat'>): boolean {
  return logFormat === 'pretty' || (logFormat === undefined && process.stdout.isTTY);
}

/**
 * Baileys logs what goes over the wire, and a log must hold nothing secret: what it has to say reaches us by its
 * events and errors.
 */
export const silentLogger = pino({ level: 'silent' });
