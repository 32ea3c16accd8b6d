import { MongoBulkWriteError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { StoreError } from '../../core/errors.ts';
import { DamagedDocument, IdTaken } from './documents.ts';
import { ForgottenCall } from './forgotten-call.ts';

export const DUPLICATE_KEY = 11000;
/** By the numbers of the server's errors: what the operator has to do. */
const ADVICE: Readonly<Record<number, string>> = {
  18: 'the user or the password is refused; check the connection string',
  13: 'the user may not read and write this database; grant it readWrite',
  8000: 'the user or the password is refused; check the connection string',
  14031: 'its disk is full',
};

/** What the driver's errors mean. The text of an error is never passed on: it may quote what was sent. */
export function translated(thrown: unknown, store: string, doing: string): unknown {
  const error = unwrapped(thrown);
  if (error instanceof StoreError || error instanceof DamagedDocument) return error;
  const { code, name } = error as { code?: number; name?: string };
  if (code === DUPLICATE_KEY) return new IdTaken('the id is taken', { cause: error });
  if (isOfFile(error))
    return new StoreError(
      'STORE_UNAVAILABLE',
      store,
      `cannot ${doing}: can not read a file of its address (${code})`,
      {
        cause: error,
      },
    );
  if (isOfSystem(error))
    return new StoreError('STORE_UNAVAILABLE', store, `cannot ${doing}: the connection failed (${code})`, {
      cause: error,
    });
  if (!name?.startsWith('Mongo') && !(error instanceof ForgottenCall)) return error;
  const known = typeof code === 'number' ? ADVICE[code] : undefined;
  const why =
    known ??
    (error instanceof MongoServerError
      ? `the server answers error ${code ?? 'without a number'}`
      : reasonOf(error));
  return new StoreError('STORE_UNAVAILABLE', store, `cannot ${doing}: ${why}`, { cause: error });
}

/** What kept a bulk write from its server comes wrapped (driver 7.9), as if the server had said it. */
function unwrapped(error: unknown): unknown {
  const isWrapped = error instanceof MongoBulkWriteError && error.errorResponse instanceof Error;
  return isWrapped ? error.errorResponse : error;
}

export const isUnreachable = (error: unknown): boolean => causeOf(error) === 'MongoServerSelectionError';

/**
 * Nothing will come of this client any more. Of a write that failed at once the driver (7.9) passes on the system's own
 * error, and keeps the dead connection for the next call, and the next. A call that it forgot keeps its connection for
 * good.
 */
export const isBeyondRepair = (error: unknown): boolean =>
  causeOf(error) === 'MongoTopologyClosedError' ||
  (error instanceof StoreError && (isOfSystem(error.cause) || error.cause instanceof ForgottenCall));

const causeOf = (error: unknown): string | undefined =>
  error instanceof StoreError ? (error.cause as Error | undefined)?.name : undefined;

const isOfSystem = (error: unknown): boolean => /^E[A-Z]+$/.test((error as { code?: string })?.code ?? '');

/** The certificates that a connection string names are files, which the driver opens when it connects. */
const isOfFile = (error: unknown): boolean => {
  const { code = '', syscall } = error as { code?: string; syscall?: string };
  return ['ENOENT', 'EACCES', 'EISDIR'].includes(code) && syscall !== 'connect';
};

function reasonOf(error: unknown): string {
  const { name } = error as Error;
  const certificate = certificateFault(error);
  if (certificate !== undefined)
    return `the server's certificate can not be verified (${certificate}); name its authority with tlsCAFile`;
  if (name === 'MongoServerSelectionError')
    return 'no server answers at its address; check that it runs, can be reached, and whether it takes TLS';
  if (name === 'MongoWaitQueueTimeoutError' || name === 'MongoCheckOutTimeoutError')
    return 'all connections were busy for too long';
  if (name.includes('Timeout') || error instanceof ForgottenCall) return 'the server did not answer in time';
  return `the connection failed (${name})`;
}

/** What looking for a server came upon, by OpenSSL's or Node's word for it. */
function certificateFault(error: unknown): string | undefined {
  if (!(error instanceof MongoServerSelectionError)) return undefined;
  const codes = [...(error.reason?.servers.values() ?? [])].map(
    server => (server.error?.cause as { code?: unknown } | undefined)?.code,
  );
  return codes.find(
    (code): code is string => typeof code === 'string' && /CERT|SIGNATURE|ALTNAME/.test(code),
  );
}
