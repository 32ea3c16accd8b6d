import type { LinkedAccount } from '../baileys/account.ts';
import type { SessionConnection } from '../baileys/session-connection.ts';
import { SessionError } from '../errors.ts';
import type { SentMessages } from '../vault/sent-messages.ts';
import type { SessionHolding } from './session-holding.ts';
import { refuseElsewhere } from './session-standby.ts';
import type { SessionState } from './session-state.ts';

/** What it takes to send. */
export interface ConnectedSession {
  readonly connection: SessionConnection;
  readonly sent: SentMessages;
  readonly account: LinkedAccount;
}

/** SESSION_HELD_ELSEWHERE, SESSION_NOT_CONNECTED. */
export function requireConnected(
  state: SessionState,
  holding: SessionHolding,
  connection: SessionConnection | undefined,
): ConnectedSession {
  const { account, status } = state;
  const sent = holding.held()?.sent;
  if (connection && sent && account && status === 'CONNECTED') return { connection, sent, account };
  refuseElsewhere(state);
  const { id } = state.view();
  throw new SessionError('SESSION_NOT_CONNECTED', `session ${id} is ${status}, not CONNECTED`);
}
