import { ConfigError } from '../config/environment.ts';
import { SessionError, StoreError } from '../core/errors.ts';

/** What a command ends with. The numbers above 64 are those of BSD's sysexits. */
export const EXIT = {
  done: 0,
  /** It was tried, and could not be done. */
  failed: 1,
  /** The arguments make no sense. */
  usage: 2,
  /** A server or a store cannot be reached, or another process holds it. */
  unavailable: 69,
  /** The token does not allow it. */
  forbidden: 77,
  /** The environment has to be put right first. */
  config: 78,
} as const;

export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number;
  readonly code: string;

  constructor(exitCode: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.code = code;
  }
}

const BY_CODE: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: EXIT.forbidden,
  FORBIDDEN: EXIT.forbidden,
  STORE_UNAVAILABLE: EXIT.unavailable,
  STORE_UNREADABLE: EXIT.unavailable,
  SESSION_HELD_ELSEWHERE: EXIT.unavailable,
};

export const exitCodeOf = (code: string): number => BY_CODE[code] ?? EXIT.failed;

/** Every error as something that can be printed. */
export function toFailure(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  const { message } = error as Error;
  if (error instanceof ConfigError) return new CommandFailure(EXIT.config, 'CONFIG', message);
  const code = error instanceof SessionError || error instanceof StoreError ? error.code : 'INTERNAL';
  return new CommandFailure(exitCodeOf(code), code, message, { cause: error });
}
