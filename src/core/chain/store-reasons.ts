import { DeadlinePassed } from '../deadline.ts';
import { SessionError, StoreError } from '../errors.ts';
import type { DisconnectReason } from '../sessions/disconnect-reasons.ts';

/** Pure: what a session does when its stores, not WhatsApp, keep it from running. Nothing is ever given up for it. */
export function reasonOfStoreFailure(error: Error): DisconnectReason {
  const code = error instanceof StoreError || error instanceof SessionError ? error.code : 'INTERNAL';
  // A store that refuses what is older than its copy is put right by the next opening; a vault that refuses is not.
  if (code === 'STORE_STALE' && error instanceof SessionError) return needsAcceptance(error);
  switch (code) {
    case 'STORE_FENCED':
    case 'SESSION_HELD_ELSEWHERE':
      return {
        code: 'SESSION_HELD_ELSEWHERE',
        status: 'STANDBY',
        pace: 'standby',
        message: `Another server runs this session (${error.message}). It is taken over when that server lets go.`,
      };
    case 'SESSION_CORRUPT':
    case 'DECRYPTION_FAILED':
    case 'SESSION_NOT_FOUND':
      return {
        code,
        status: 'FAILED',
        pace: 'never',
        message: `${error.message}. Nothing was overwritten; put it right, then start the session.`,
      };
    case 'INTERNAL':
      return {
        code,
        status: 'RECONNECTING',
        pace: 'server',
        message:
          'The session stopped for a reason that this program does not know; it starts again by itself.',
      };
    default:
      return {
        code: error.cause instanceof DeadlinePassed ? 'STORE_SLOW' : 'STORE_UNAVAILABLE',
        status: 'RECONNECTING',
        pace: 'network',
        message: `The session stopped because it could not be saved (${error.message}). It starts again by itself.`,
      };
  }
}

function needsAcceptance({ code, message }: SessionError): DisconnectReason {
  return {
    code,
    status: 'FAILED',
    pace: 'never',
    message:
      `${message}. Bring the store back that has more, or accept the copy by restoreSession with acceptStale; then ` +
      'start the session.',
  };
}
