import type { BinaryNode } from '@whiskeysockets/baileys';
import { announceDevice } from './announcements.ts';
import type { ClientConnection } from './client-connection.ts';
import type { Companion } from './companion.ts';
import { stanza } from './stanza.ts';
import type { World } from './world.ts';

/** Why the server ends a stream. `conflict` is its child; a code alone is passed on as it is. */
export interface StreamError {
  readonly code?: number;
  readonly conflict?: 'replaced' | 'device_removed';
  /** Any other child, for what the client does not know. */
  readonly child?: string;
}

/** The errors the real server is known to send, with the status code Baileys makes of them. */
export const STREAM_ERRORS = {
  /** 440 */
  replaced: { conflict: 'replaced' },
  /** 401 */
  removed: { code: 401, conflict: 'device_removed' },
  /** 515: log in again at once, also sent after pairing. */
  restart: { code: 515 },
  /** 503 */
  unavailable: { code: 503 },
  /** 500: a stream error without a code. */
  unknown: { child: 'bad-format' },
} as const satisfies Record<string, StreamError>;

export function streamErrorStanza({ code, conflict, child }: StreamError): BinaryNode {
  const children = [
    ...(conflict ? [stanza('conflict', { type: conflict })] : []),
    ...(child ? [stanza(child)] : []),
  ];
  return stanza('stream:error', { code }, children.length > 0 ? children : undefined);
}

/** Ends a connection with a stream error. */
export function endStream(connection: Pick<ClientConnection, 'send' | 'close'>, error: StreamError): void {
  connection.send(streamErrorStanza(error));
  connection.close();
}

/**
 * Throws a companion off the server: ends its stream, if it has one, and on `device_removed` forgets the
 * device, so that its next login is refused.
 */
export function kick({ records, observer }: World, companion: Companion, error: StreamError): void {
  const why = error.conflict ?? error.child ?? String(error.code);
  records.noteConnection('kicked', companion.jid, why, companion.login?.number);
  if (error.conflict === 'device_removed') {
    companion.isRemoved = true;
    companion.account.devices.delete(companion.id);
    announceDevice(companion, 'remove');
    companion.queue.clear();
  }
  const connection = companion.login?.connection;
  companion.leave();
  if (connection) endStream(connection, error);
  observer.changed();
}
