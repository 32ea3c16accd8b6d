import type { ClientConnection } from './client-connection.ts';
import { SERVER_JID, stanza } from './stanza.ts';

/**
 * How a connection comes to its end without a stream error. `close`: orderly. `reset`: TCP reset. `end`: the server
 * ends the stream, then closes. `downgrade`: the account is said to have left multi-device. `closeCode`: a
 * WebSocket close with that code.
 */
export type Ending = 'close' | 'reset' | 'end' | 'downgrade' | { readonly closeCode: number };

const NORMAL_CLOSURE = 1000;
const downgrade = stanza('ib', { from: SERVER_JID }, [stanza('downgrade_webclient')]);

export function endConnection(connection: ClientConnection, ending: Ending): void {
  if (ending === 'end') connection.send(stanza('xmlstreamend'));
  if (ending === 'downgrade') connection.send(downgrade);
  if (ending === 'reset') connection.reset();
  else connection.close(typeof ending === 'object' ? ending.closeCode : NORMAL_CLOSURE);
}
