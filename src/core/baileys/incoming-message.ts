import {
  type BinaryNode,
  decodeMessageNode,
  getContentType,
  isLidUser,
  isPnUser,
  jidDecode,
  jidNormalizedUser,
  normalizeMessageContent,
  proto,
  unpadRandomMax16,
  type WAMessage,
} from '@whiskeysockets/baileys';
import type { IncomingMessage } from '../sessions/session-views.ts';

/** Content that carries the protocol, and nothing that somebody said. */
const SILENT = new Set([
  'protocolMessage',
  'senderKeyDistributionMessage',
  'reactionMessage',
  'encReactionMessage',
  'pollUpdateMessage',
  'messageContextInfo',
]);

/** What a decrypted stanza says, or undefined where nobody said anything in it. */
export function readStanza(
  stanza: BinaryNode,
  plaintext: Uint8Array,
  account: { readonly id: string; readonly lid?: string | undefined },
): WAMessage | undefined {
  if (stanza.attrs.category === 'peer') return undefined;
  const decoded = proto.Message.decode(unpadRandomMax16(plaintext));
  const message = decoded.deviceSentMessage?.message ?? decoded;
  return { ...decodeMessageNode(stanza, account.id, account.lid ?? '').fullMessage, message };
}

/** Undefined where the message is not one for people. */
export function toIncomingMessage(sessionId: string, message: WAMessage): IncomingMessage | undefined {
  const content = normalizeMessageContent(message.message);
  const kind = content && getContentType(content);
  const { id, remoteJid, remoteJidAlt, participant, participantAlt, fromMe } = message.key;
  if (!kind || SILENT.has(kind) || !id || !remoteJid) return undefined;
  const senderId = participant || remoteJid;
  const senderPhoneNumber =
    phoneNumberOf(senderId) ?? phoneNumberOf((participant ? participantAlt : remoteJidAlt) ?? '');
  const text = textOf(content);
  return {
    sessionId,
    id,
    chatId: jidNormalizedUser(remoteJid),
    senderId: jidNormalizedUser(senderId),
    fromMe: fromMe === true,
    at: new Date(Number(message.messageTimestamp) * 1_000),
    ...(senderPhoneNumber && { senderPhoneNumber }),
    ...(message.pushName && { senderName: message.pushName }),
    ...(text !== undefined && { text }),
  };
}

function textOf(content: proto.IMessage): string | undefined {
  const text =
    content.conversation ||
    content.extendedTextMessage?.text ||
    content.imageMessage?.caption ||
    content.videoMessage?.caption ||
    content.documentMessage?.caption;
  return text || undefined;
}

/** E.164, from an address that shows the number; undefined from a hidden one (LID). */
export function phoneNumberOf(jid: string): string | undefined {
  const user = isPnUser(jid) ? jidDecode(jid)?.user : undefined;
  return user ? `+${user}` : undefined;
}

/** The digits of an E.164 number; undefined where it is none. */
export function readPhoneNumber(text: string): string | undefined {
  return /^\+[1-9]\d{6,14}$/.test(text) ? text.slice(1) : undefined;
}

/** The address that a message to `to` goes to; undefined where it is neither a JID nor a phone number. */
export function readRecipient(to: string): string | undefined {
  const digits = readPhoneNumber(to);
  if (digits) return `${digits}@s.whatsapp.net`;
  const decoded = jidDecode(to);
  if (!decoded?.user) return undefined;
  const isKnown = isPnUser(to) || isLidUser(to) || decoded.server === 'g.us';
  return isKnown && /^[\w-]+$/.test(decoded.user) ? jidNormalizedUser(to) : undefined;
}
