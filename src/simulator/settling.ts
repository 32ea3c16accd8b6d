import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Companion } from './companion.ts';
import type { Parcel } from './delivery-queue.ts';
import type { KeyBundle, RetryRequest } from './device.ts';
import { readUpload } from './key-bundle-stanza.ts';
import type { SettledMessage } from './records.ts';
import { bytesOf, child, childrenOf, firstChild, readBigEndian, stanza } from './stanza.ts';
import type { World } from './world.ts';

/** "I have it already": what Baileys answers when the key of a message is spent. */
const DUPLICATE = '487';
/** Receipts that say something about a message without taking it off the queue. */
const NOT_SETTLING = new Set(['read-self', 'hist_sync']);
const READ = new Set(['read', 'played']);

/** The rules by which a client's receipts and acks take stanzas off its queue. */
export interface Settling {
  onReceipt(node: BinaryNode, companion: Companion): void;
  onAck(node: BinaryNode, companion: Companion): void;
}

export function createSettling({ records, observer, detectors, directory }: World): Settling {
  function settle(companion: Companion, parcel: Parcel, outcome: SettledMessage['outcome']): void {
    companion.queue.remove(parcel);
    observer.changed();
    const { envelope } = parcel;
    if (envelope === undefined || envelope.category === 'peer') return;
    if (outcome === 'received') companion.probes.remember(parcel);
    else if (outcome === 'refused') records.reportAnomaly('message-refused', companion.jid, envelope.id);
    const { sender, group, text, id: messageId } = envelope;
    const chat = group?.jid ?? (sender.account === companion.account ? envelope.chat : sender.account.jid);
    records.noteSettled({ deviceJid: companion.jid, chat, messageId, text, outcome });
  }

  function onDelivered(companion: Companion, messageId: string): void {
    if (companion.probes.answer(messageId, 'accepted')) return;
    const parcel = findMessage(companion, messageId);
    if (parcel === undefined) return;
    settle(companion, parcel, 'received');
    const { envelope } = parcel;
    if (envelope === undefined || envelope.sender.account === companion.account) return;
    const { chat, group, sender } = envelope;
    sender.acceptReceipt({ messageId, from: companion, chat, group, type: undefined, retry: undefined });
  }

  /** The client's user has read something; its author hears of it, and nothing is left to settle. */
  function onRead(node: BinaryNode, companion: Companion): void {
    const { to = '', participant, type } = node.attrs;
    const group = directory.groupOf(to);
    const chat = group?.jid ?? companion.account.jid;
    for (const author of directory.accountOf(participant ?? to)?.devices.values() ?? []) {
      for (const messageId of receiptIds(node)) {
        author.acceptReceipt({ messageId, from: companion, chat, group, type, retry: undefined });
      }
    }
  }

  function onRetry(node: BinaryNode, companion: Companion): void {
    const messageId = node.attrs.id ?? '';
    const retry = readRetry(node);
    if (retry.bundle !== undefined) {
      detectors.observeIdentity(companion, retry.bundle);
      if (retry.bundle.preKey) companion.shelf.offer(retry.bundle.preKey);
    }
    if (companion.probes.answer(messageId, 'unreadable')) return;
    const parcel = findMessage(companion, messageId);
    if (parcel?.envelope === undefined) return;
    parcel.owedNacks += 1;
    const { sender, chat, group, isDamaged } = parcel.envelope;
    // Baileys also asks again for a message it decrypted in a connection that was cut before the receipt.
    if (!isDamaged && parcel.deliveries < 2) {
      records.reportAnomaly('retry-receipt', companion.jid, `message ${messageId}, count ${retry.count}`);
    }
    sender.acceptReceipt({ messageId, from: companion, chat, group, type: 'retry', retry });
  }

  function onMessageAck({ attrs }: BinaryNode, companion: Companion): void {
    const messageId = attrs.id ?? '';
    if (attrs.error === DUPLICATE && companion.probes.answer(messageId, 'recognised')) return;
    const parcel = findMessage(companion, messageId);
    if (parcel === undefined) return;
    if (attrs.error === undefined) settle(companion, parcel, 'received');
    else if (attrs.error === DUPLICATE) settle(companion, parcel, 'duplicate');
    else if (parcel.owedNacks > 0) parcel.owedNacks -= 1;
    else settle(companion, parcel, 'refused');
  }

  return {
    onReceipt(node, companion) {
      const { id, to, type } = node.attrs;
      if (type === 'retry') onRetry(node, companion);
      else if (READ.has(type ?? '')) onRead(node, companion);
      else if (!NOT_SETTLING.has(type ?? '')) {
        for (const messageId of receiptIds(node)) onDelivered(companion, messageId);
      }
      companion.send(stanza('ack', { class: 'receipt', id, from: to, type }));
    },
    onAck(node, companion) {
      if (node.attrs.class === 'message') return onMessageAck(node, companion);
      const parcel = companion.queue.find(({ kind, stanza: { attrs } }) => {
        const { id, to, type, participant } = node.attrs;
        const isSame = attrs.id === id && attrs.from === to && attrs.participant === participant;
        return isSame && kind === node.attrs.class && attrs.type === type;
      });
      if (parcel !== undefined) settle(companion, parcel, 'received');
    },
  };
}

const findMessage = ({ queue }: Companion, messageId: string) =>
  queue.find(({ kind, stanza: { attrs } }) => kind === 'message' && attrs.id === messageId);

function receiptIds(node: BinaryNode): string[] {
  const list = firstChild(node);
  const ids = [node, ...childrenOf(list, 'item')].map(({ attrs }) => attrs.id);
  return ids.filter(id => id !== undefined);
}

function readRetry(node: BinaryNode): RetryRequest {
  const registrationId = readBigEndian(bytesOf(child(node, 'registration')));
  const count = Number(child(node, 'retry')?.attrs.count ?? 1);
  const keys = child(node, 'keys');
  if (keys === undefined) return { count, registrationId, bundle: undefined };
  const { identityKey, signedPreKey, preKeys } = readUpload(keys);
  const bundle: KeyBundle = { registrationId, identityKey, signedPreKey, preKey: preKeys[0] };
  return { count, registrationId, bundle };
}
