import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Device, Enc, Envelope, Receipt } from './device.ts';
import type { EncType } from './signal-envelope.ts';
import { bigEndian, bytesOf, childrenOf, nowSeconds, stanza } from './stanza.ts';

/** A message as the server hands it to a linked device. */
export function messageStanza(envelope: Envelope, to: Device): BinaryNode {
  const count = envelope.retryCount || undefined;
  const encs = envelope.encs.map(({ type, ciphertext }) => stanza('enc', { v: 2, type, count }, ciphertext));
  const attributes = {
    id: envelope.id,
    type: 'text',
    t: nowSeconds(),
    notify: envelope.sender.account.name,
    category: envelope.category,
  };
  return stanza('message', { ...addressing(envelope, to), ...attributes }, encs);
}

/**
 * Who sent it and where it belongs. A message from another device of the own account names the chat in
 * `recipient`; it must not carry the own LID beside it, which Baileys would file under the chat's number.
 */
function addressing({ sender, chat, group, category }: Envelope, to: Device) {
  const { account } = sender;
  if (group) {
    return { from: group.jid, participant: sender.lid, participant_pn: account.jid, addressing_mode: 'lid' };
  }
  if (account === to.account) return { from: sender.jid, recipient: category === 'peer' ? undefined : chat };
  if (chat === to.account.lid) return { from: sender.lid, sender_pn: account.jid, addressing_mode: 'lid' };
  return { from: sender.jid, sender_lid: account.lid };
}

/** A delivery or retry receipt as the server hands it to the linked device that sent the message. */
export function receiptStanza(receipt: Receipt, to: Device): BinaryNode {
  const { from, group, retry, messageId: id, type } = receipt;
  const t = nowSeconds();
  const isOwn = from.account === to.account;
  const source = group
    ? { from: group.jid, participant: from.lid }
    : {
        from: receipt.chat === from.account.lid ? from.lid : from.jid,
        recipient: isOwn ? receipt.chat : undefined,
      };
  const attributes = { ...source, id, t, type };
  if (retry === undefined) return stanza('receipt', attributes);
  return stanza('receipt', attributes, [
    stanza('retry', { count: retry.count, id, t, v: 1 }),
    stanza('registration', {}, bigEndian(retry.registrationId, 4)),
  ]);
}

/** The ciphertexts directly below a node. */
export const readEncs = (node: BinaryNode): Enc[] =>
  childrenOf(node, 'enc').map(enc => ({ type: enc.attrs.type as EncType, ciphertext: bytesOf(enc) }));
