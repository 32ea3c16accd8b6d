import type { Clock } from '../clock.ts';
import { createEntryLog } from '../entry-log.ts';
import type { PlainEntryChange, SessionEntries } from './session-entries.ts';

/**
 * The messages that were sent in the last day: for retry receipts, where a recipient asks for the text again, and for
 * callers who repeat a request because they never saw its answer. Each is an entry of its own; a log of their ids
 * says which ones have to go.
 */
export interface SentMessages {
  find(messageId: string): Promise<SentMessage | undefined>;
  /**
   * Resolves when the message stands in the session's queue. The queue is ordered and a ratchet is durable before its
   * ciphertext exists, so nothing that is sent afterwards can overtake it.
   */
  add(messageId: string, message: SentMessage): Promise<void>;
  /** Resolves when it is durable that WhatsApp has it. */
  markHandedOver(messageId: string, message: SentMessage): Promise<void>;
}

export interface SentMessage {
  readonly jid: string;
  readonly text: string;
  readonly at: number;
  /** WhatsApp has it: a second request with its id is answered and not sent. */
  readonly isHandedOver: boolean;
}

const MESSAGE = 'sent-message';
const KEEP_MS = 24 * 60 * 60 * 1_000;

export function createSentMessages(entries: SessionEntries, clock: Clock): SentMessages {
  const ids = createEntryLog<string>(entries, {
    type: 'sent-page',
    pageSize: 64,
    keepMs: KEEP_MS,
    maxPages: 4_096,
  });

  return {
    async find(messageId) {
      const bytes = (await entries.read(MESSAGE, [messageId])).get(messageId);
      const message: SentMessage | undefined = bytes && JSON.parse(Buffer.from(bytes).toString());
      return message && clock.now() - message.at < KEEP_MS ? message : undefined;
    },

    async add(messageId, message) {
      const { changes, dropped } = await ids.append(messageId, message.at);
      const expired = dropped
        .filter(id => id !== messageId)
        .map(id => ({ type: MESSAGE, id, value: undefined }));
      entries.write([...changes, ...expired, encode(messageId, message)]).catch(() => {});
    },

    markHandedOver: (messageId, message) =>
      entries.write([encode(messageId, { ...message, isHandedOver: true })]),
  };
}

function encode(messageId: string, message: SentMessage): PlainEntryChange {
  return { type: MESSAGE, id: messageId, value: Buffer.from(JSON.stringify(message)) };
}
