import {
  isLidUser,
  jidNormalizedUser,
  type proto,
  type WAMessageKey,
  type WASocket,
} from '@whiskeysockets/baileys';

export type FindSent = (
  messageId: string,
) => Promise<{ readonly jid: string; readonly text: string } | undefined>;

/**
 * What is sent again to a recipient who could not read it. Baileys asks by message id alone, and callers may choose
 * ids that others can guess: the text goes to the chat it was sent to and to no other.
 */
export async function findRetryText(
  sock: WASocket,
  findSent: FindSent,
  { id, remoteJid }: WAMessageKey,
): Promise<proto.IMessage | undefined> {
  const sent = id ? await findSent(id) : undefined;
  if (!sent || !remoteJid || !(await isSameChat(sock, sent.jid, remoteJid))) return undefined;
  return { extendedTextMessage: { text: sent.text } };
}

/** A chat has two addresses, one of which shows the phone number; a message to one may be asked for by the other. */
async function isSameChat(sock: WASocket, sentTo: string, askedBy: string): Promise<boolean> {
  const asked = jidNormalizedUser(askedBy);
  if (asked === jidNormalizedUser(sentTo)) return true;
  const { lidMapping } = sock.signalRepository;
  const other = isLidUser(asked) ? await lidMapping.getPNForLID(asked) : await lidMapping.getLIDForPN(asked);
  return other !== null && jidNormalizedUser(other) === jidNormalizedUser(sentTo);
}
