import type { WASocket } from '@whiskeysockets/baileys';
import { SessionError } from '../errors.ts';

export interface OutgoingText {
  readonly jid: string;
  readonly text: string;
  readonly messageId: string;
}

/** SESSION_NOT_CONNECTED where the connection ended meanwhile, whatever Baileys makes of that. */
export async function sendText(
  sock: WASocket,
  { jid, text, messageId }: OutgoingText,
  hasEnded: () => boolean,
): Promise<void> {
  try {
    await sock.sendMessage(jid, { text, linkPreview: null }, { messageId });
  } catch (cause) {
    if (!hasEnded()) throw cause;
    const message = 'the connection ended while the message was sent; repeat it with the same messageId';
    throw new SessionError('SESSION_NOT_CONNECTED', message, { cause });
  }
}
