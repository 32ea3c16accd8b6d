import type { WASocket } from '@whiskeysockets/baileys';
import { createDeferred } from '../deferred.ts';
import { SessionError } from '../errors.ts';

export interface OutgoingText {
  readonly jid: string;
  readonly text: string;
  readonly messageId: string;
}

/**
 * SESSION_NOT_CONNECTED where the connection ends meanwhile, and at once: what Baileys waits for then never comes, and
 * it would go on waiting for a minute.
 */
export async function sendText(
  sock: WASocket,
  { jid, text, messageId }: OutgoingText,
  over: AbortSignal,
): Promise<void> {
  const ended = createDeferred<never>();
  const onEnd = () => ended.reject(notConnected());
  over.addEventListener('abort', onEnd, { once: true });
  const sending = sock.sendMessage(jid, { text, linkPreview: null }, { messageId });
  try {
    await Promise.race([sending, ended.promise]);
  } catch (cause) {
    if (cause instanceof SessionError || !over.aborted) throw cause;
    throw notConnected(cause);
  } finally {
    over.removeEventListener('abort', onEnd);
  }
}

function notConnected(cause?: unknown): SessionError {
  const message = 'the connection ended while the message was sent; repeat it with the same messageId';
  return new SessionError('SESSION_NOT_CONNECTED', message, { cause });
}
