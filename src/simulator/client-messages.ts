import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Companion } from './companion.ts';
import type { Device, Enc, Envelope, GroupChat } from './device.ts';
import { readEncs } from './message-stanza.ts';
import { child, childrenOf, nowSeconds, stanza } from './stanza.ts';
import type { World } from './world.ts';

/** Takes a message stanza from a client: acknowledges it and carries each ciphertext to its device. */
export function createMessageRouter(world: World): (node: BinaryNode, sender: Companion) => void {
  const { records, directory, detectors, observer, clientMessageListeners } = world;

  function acknowledge(node: BinaryNode, sender: Companion, error: number | undefined): void {
    const { id = '', to = '' } = node.attrs;
    const message = records.noteClientMessage(sender.jid, id, to);
    for (const listener of clientMessageListeners) listener(message);
    const refusal = error === undefined ? {} : { error: String(error) };
    sender.send(stanza('ack', { class: 'message', id, from: to, t: nowSeconds(), ...refusal }), () => {
      message.ackedAt = Date.now();
      observer.changed();
    });
  }

  function post(node: BinaryNode, sender: Companion, recipient: Device, encs: Enc[]): void {
    for (const enc of encs) {
      if (enc.type !== 'skmsg') detectors.observeSent(sender, { recipient }, enc);
    }
    // A group send also encrypts for the sending device itself; that copy only shows its ratchet.
    if (recipient === sender) return;
    recipient.deliver(envelopeOf(node, sender, encs, directory.groupOf(chatOf(node))));
  }

  /** The copies that the client addressed one by one. */
  function individualCopies(node: BinaryNode): Map<Device, Enc[]> {
    const copies = new Map<Device, Enc[]>();
    for (const to of childrenOf(child(node, 'participants'), 'to')) {
      const device = directory.deviceOf(to.attrs.jid ?? '');
      if (device) copies.set(device, readEncs(to));
    }
    return copies;
  }

  function routeToGroup(node: BinaryNode, sender: Companion, group: GroupChat): void {
    const copies = individualCopies(node);
    const shared = readEncs(node);
    for (const enc of shared) detectors.observeSent(sender, { groupJid: group.jid }, enc);
    for (const account of group.members) {
      for (const device of account.devices.values()) {
        post(node, sender, device, [...(copies.get(device) ?? []), ...shared]);
      }
    }
  }

  return (node, sender) => {
    const { to = '', participant } = node.attrs;
    const error = directory.accountOf(to)?.refusedWith;
    acknowledge(node, sender, error);
    if (error !== undefined) return;
    const group = directory.groupOf(to);
    if (group && participant === undefined) return routeToGroup(node, sender, group);
    for (const [device, encs] of individualCopies(node)) post(node, sender, device, encs);
    // A resend or a message to the own phone carries its ciphertext directly.
    const direct = readEncs(node);
    const recipient = directory.deviceOf(participant ?? to);
    if (direct.length > 0 && recipient) post(node, sender, recipient, direct);
  };
}

/** A resend to an own device names the chat in `recipient`; everything else is addressed to it. */
const chatOf = ({ attrs }: BinaryNode) => (attrs.recipient ?? attrs.to ?? '').replace(/:\d+@/, '@');

function envelopeOf(
  node: BinaryNode,
  sender: Companion,
  encs: Enc[],
  group: GroupChat | undefined,
): Envelope {
  return {
    id: node.attrs.id ?? '',
    sender,
    chat: chatOf(node),
    group,
    encs,
    retryCount: Number(child(node, 'enc')?.attrs.count ?? 0),
    category: node.attrs.category === 'peer' ? 'peer' : undefined,
    text: '',
    isDamaged: false,
  };
}
