import { newMessageId } from '../baileys/account.ts';
import { readRecipient } from '../baileys/incoming-message.ts';
import type { Clock } from '../clock.ts';
import { SessionError } from '../errors.ts';
import type { ConnectedSession } from './connected-session.ts';
import type { SendTextInput } from './sessions.ts';

const MAX_TEXT_LENGTH = 65_536;
const MESSAGE_ID = /^[\w.:-]{1,128}$/;

/** BAD_USER_INPUT where the message could not be one. Returns where it goes. */
export function readTextInput({ to, text, messageId }: SendTextInput): string {
  const jid = readRecipient(to);
  if (!jid) throw new SessionError('BAD_USER_INPUT', '`to` is a phone number like +15551234567, or a JID');
  if (text === '' || text.length > MAX_TEXT_LENGTH) {
    throw new SessionError('BAD_USER_INPUT', `a text has 1 to ${MAX_TEXT_LENGTH} characters`);
  }
  if (messageId !== undefined && !MESSAGE_ID.test(messageId)) {
    throw new SessionError('BAD_USER_INPUT', 'a message id is 1 to 128 of A-Z a-z 0-9 _ . : -');
  }
  return jid;
}

/**
 * Sends each message id once. A repeated call gets the first result, also when the first one is still under way, and
 * for a day across restarts. Where a crash leaves it open whether WhatsApp had the message, it is sent again under
 * the same id, by which recipients drop the second one.
 */
export function createTextSender(clock: Clock) {
  const underWay = new Map<string, Promise<void>>();

  async function handOver(
    session: ConnectedSession,
    jid: string,
    text: string,
    messageId: string,
  ): Promise<void> {
    const { connection, sent } = session;
    if ((await sent.find(messageId))?.isHandedOver) return;
    const message = { jid, text, at: clock.now(), isHandedOver: false };
    await sent.add(messageId, message);
    await connection.sendText({ jid, text, messageId });
    await sent.markHandedOver(messageId, message);
  }

  return async (
    session: ConnectedSession,
    input: SendTextInput,
    jid: string,
  ): Promise<{ messageId: string }> => {
    const messageId = input.messageId ?? newMessageId(session.account);
    const key = `${input.id}/${messageId}`;
    const running = underWay.get(key) ?? handOver(session, jid, input.text, messageId);
    underWay.set(key, running);
    try {
      await running;
      return { messageId };
    } finally {
      if (underWay.get(key) === running) underWay.delete(key);
    }
  };
}
