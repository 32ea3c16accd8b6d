import { DrizzleQueryError } from 'drizzle-orm';
import { StoreError } from '../../core/errors.ts';

/** What the driver rejects with: `errno` where a server said it, only a `code` where the network did. */
interface SqlFailure {
  readonly code?: string;
  readonly errno?: number;
  readonly message?: string;
}

/** Drizzle wraps what the driver rejects with, and adds the statement and its values. */
const failureOf = (error: unknown): SqlFailure =>
  (error instanceof DrizzleQueryError ? error.cause : error) as SqlFailure;

/** A wait of our own that came to its end; the connection is not to be used again. */
export class SqlTimeout extends Error {
  override readonly name = 'SqlTimeout';
}

const LOST_CODES = new Set(['ECONNRESET', 'EPIPE', 'PROTOCOL_CONNECTION_LOST']);
/** Shut down, killed (MariaDB), idle for too long (MySQL 8); it forgot what was prepared, as a new one behind a proxy does. */
const LOST_NUMBERS = new Set([1053, 1927, 4031, 1243]);

/** The connection went away: before, during or after the statement, nobody knows. Ours may be sent again. */
export function isLostConnection(error: unknown): boolean {
  const { code = '', errno = 0, message = '' } = failureOf(error);
  return LOST_CODES.has(code) || LOST_NUMBERS.has(errno) || message.includes('closed state');
}

/** Deadlock, lock wait, and what TiDB calls a write conflict or asks to try again. Rolled back in any case. */
const CONFLICTS = new Set([1213, 1205, 8002, 8022, 8028, 9007]);

export const isConflict = (error: unknown): boolean => CONFLICTS.has(failureOf(error).errno ?? 0);

export const UNKNOWN_DATABASE = 1049;
export const UNKNOWN_TABLE = 1146;
/** The server has prepared as many statements as it may, for all its clients together. */
export const PREPARED_ENOUGH = 1461;

export const hasNumber = (error: unknown, ...numbers: number[]): boolean =>
  numbers.includes(failureOf(error).errno ?? 0);

/** Whether the server itself answered with it, so that the connection is as good as before. */
export const isAnswer = (error: unknown): boolean =>
  (failureOf(error).errno ?? 0) > 0 && !isLostConnection(error) && !('syscall' in failureOf(error));

const WORDS: Readonly<Record<number, string>> = {
  1040: 'has too many connections',
  1044: 'does not let this user into the database',
  1045: 'refuses the user name or the password, or a connection without TLS',
  [UNKNOWN_DATABASE]: 'does not know the database',
  1142: 'does not give this user the privileges it needs (SELECT, INSERT, UPDATE, DELETE, CREATE)',
  [UNKNOWN_TABLE]: 'has lost our tables',
  1290: 'is read-only',
  1698: 'refuses the user name or the password, or a connection without TLS',
  1836: 'is read-only',
  3159: 'takes connections with TLS only: turn TLS on',
  9006: 'has removed the versions that a long read needed',
};

/** It was asked, and its bytes or its disk are the trouble. */
const UNREADABLE = new Set([3, 1021, 1026, 1030, 1034, 1035, 1114, 1194, 1195, 1406]);

/**
 * The words are ours: the server's quote the statement, and the driver's error carries all of it. What goes on as the
 * cause is the code alone.
 */
export function storeErrorFor(store: string, place: string, error: unknown): unknown {
  const failure = failureOf(error);
  if (failure instanceof StoreError) return failure;
  const { code = 'unknown error', errno = 0 } = failure;
  if (failure instanceof SqlTimeout)
    return new StoreError('STORE_UNAVAILABLE', store, `${place} ${failure.message}`);
  // Neither the driver's nor the network's: what the caller's own entries threw, or a mistake of ours.
  if (!('code' in failure) && !isLostConnection(error)) return error;
  const words = WORDS[errno] ?? tlsWords(failure) ?? 'can not be reached or can not answer';
  const told = UNREADABLE.has(errno) ? 'could not read or write' : words;
  const cause = Object.assign(new Error(`${code} (${errno})`), { code, errno });
  return new StoreError(
    UNREADABLE.has(errno) ? 'STORE_UNREADABLE' : 'STORE_UNAVAILABLE',
    store,
    `${place} ${told} (${code})`,
    { cause },
  );
}

function tlsWords({ code = '', message = '' }: SqlFailure): string | undefined {
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return 'does not offer TLS';
  // Where the host is a number, the driver takes a certificate of the name `localhost` only.
  if (message.includes('altnames'))
    return 'shows a certificate that can not be verified: it is of another name; give the host by the name that is in it';
  if (code === 'HANDSHAKE_SSL_ERROR' || /CERT|SIGNATURE|ALTNAME/.test(code))
    return 'shows a certificate that can not be verified: name its authority in NODE_EXTRA_CA_CERTS';
  return undefined;
}
