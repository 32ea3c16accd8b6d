import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLErrorExtensions } from 'graphql';
import type { Logger } from 'pino';
import { SessionError, type SessionErrorCode, StoreError, type StoreErrorCode } from '../core/errors.ts';

type ClientErrorCode = SessionErrorCode | 'UNAUTHENTICATED' | 'INTERNAL';

/** What a store's answer is called in the public API. */
const STORE_CODES: Record<StoreErrorCode, SessionErrorCode> = {
  STORE_UNAVAILABLE: 'STORE_UNAVAILABLE',
  STORE_UNREADABLE: 'STORE_UNAVAILABLE',
  STORE_CLOSED: 'STORE_UNAVAILABLE',
  SESSION_CORRUPT: 'SESSION_CORRUPT',
  STORE_FENCED: 'STORE_FENCED',
  STORE_STALE: 'STORE_STALE',
  STORE_DIVERGED: 'STORE_DIVERGED',
  SESSION_HELD_ELSEWHERE: 'SESSION_HELD_ELSEWHERE',
};

/** Turns any error into what a client may see. Applying it again changes nothing. */
export type MaskError = (error: unknown) => GraphQLError;

export function createErrorMask(logger: Pick<Logger, 'error'>): MaskError {
  const seen = new WeakMap<object, GraphQLError>();
  return error => {
    const cause = causeOf(error);
    if (cause instanceof SessionError) return locate(error, cause.code, messageOf(cause));
    if (cause instanceof StoreError) return locate(error, STORE_CODES[cause.code], cause.message);
    if (cause instanceof GraphQLError && isMeantForClients(cause)) return keep(error, cause);
    // The same error can pass here on its way through several layers; it is logged the first time.
    const known = typeof cause === 'object' && cause !== null ? seen.get(cause) : undefined;
    if (known !== undefined) return known;
    const errorId = randomUUID();
    logger.error(
      { event: 'request.failed', err: cause, errorId },
      'unexpected error while answering a request',
    );
    const masked = locate(error, 'INTERNAL', `Unexpected error ${errorId}. The server's log tells more.`);
    if (typeof cause === 'object' && cause !== null) seen.set(cause, masked);
    return masked;
  };
}

/** The message is ours, so that a session that is hidden from the viewer reads exactly like one that is missing. */
const messageOf = ({ code, message }: SessionError) =>
  code === 'SESSION_NOT_FOUND' ? 'There is no such session.' : message;

/** What was thrown at first, below the layers in which GraphQL wrapped it. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error;
}

/**
 * The library's complaints about a request come before execution, so they carry no path. One that has a path and no
 * code of ours is about a value that we produced, and may quote it.
 */
function isMeantForClients({ path, extensions }: GraphQLError): boolean {
  return path === undefined || extensions.code !== undefined;
}

/** Every `extensions.code` there is. */
const CLIENT_CODES: Record<ClientErrorCode, true> = {
  UNAUTHENTICATED: true,
  FORBIDDEN: true,
  BAD_USER_INPUT: true,
  SESSION_NOT_FOUND: true,
  SESSION_NOT_CONNECTED: true,
  SESSION_HELD_ELSEWHERE: true,
  SESSION_ALREADY_LINKED: true,
  SESSION_CORRUPT: true,
  STORE_UNKNOWN: true,
  STORE_UNAVAILABLE: true,
  STORE_STALE: true,
  STORE_FENCED: true,
  STORE_DIVERGED: true,
  DECRYPTION_FAILED: true,
  PAIRING_REFUSED: true,
  MESSAGE_REFUSED: true,
  RATE_LIMITED: true,
  INTERNAL: true,
};

const isClientCode = (code: unknown): code is ClientErrorCode =>
  typeof code === 'string' && Object.hasOwn(CLIENT_CODES, code);

/** The library has codes of its own, e.g. BAD_REQUEST; to our clients all of them are bad input. */
function keep(error: unknown, { message, extensions }: GraphQLError): GraphQLError {
  const { code, http } = extensions;
  if (isClientCode(code)) return locate(error, code, message, http);
  // With `spec` the status gives way to a 200 in plain JSON. That is for bad GraphQL, not for a bad request.
  const status = code === 'BAD_REQUEST' && http?.status ? { status: http.status } : http;
  return locate(error, 'BAD_USER_INPUT', message, status);
}

/** At the place in the query where the error came up. `http` is the library's word for a status. */
function locate(
  error: unknown,
  code: ClientErrorCode,
  message: string,
  http?: GraphQLErrorExtensions['http'],
): GraphQLError {
  const extensions = { code, ...(http && { http }) };
  if (!(error instanceof GraphQLError)) return new GraphQLError(message, { extensions });
  const { nodes = null, source = null, positions = null, path = null } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}
