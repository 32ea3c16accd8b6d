import { proto, unpadRandomMax16 } from '@whiskeysockets/baileys';
import type { Device, Enc, Envelope } from './device.ts';
import type { PeerSignal } from './peer-signal.ts';
import type { EncType } from './signal-envelope.ts';

const MAX_RETRIES = 4;

/** A text that one simulated device has decrypted. */
export interface ReceivedMessage {
  /** The device that decrypted it; 0 is the phone. */
  readonly device: number;
  readonly from: string;
  /** The other account, or the group. */
  readonly chat: string;
  readonly messageId: string;
  readonly text: string;
  readonly at: number;
}

/** A message that a simulated device could not decrypt. */
export interface UndecryptableMessage {
  readonly device: number;
  readonly from: string;
  readonly messageId: string;
  readonly encType: EncType;
  readonly reason: string;
  /** The device had lost its own signal sessions on purpose. */
  readonly isOwnFault: boolean;
}

/** What became of a message that a simulated device had sent. */
export interface MessageReceipt {
  readonly messageId: string;
  /** The device that says so. */
  readonly from: string;
  readonly type: 'delivered' | 'read' | 'played';
}

export interface PeerInboxEvents {
  onReceived(message: ReceivedMessage): void;
  onUndecryptable(message: UndecryptableMessage, sender: Device): void;
  /** Somebody got or read a message of this device. */
  onReceipt(receipt: MessageReceipt): void;
  /** No signal session could be opened with a device that was to get something. */
  onUnsendable(to: Device, reason: string): void;
}

export interface PeerInbox {
  read(self: Device, envelope: Envelope): Promise<void>;
  /** The next failure from each sender is put down to this device itself. */
  forgiveNextFailures(): void;
}

export function createPeerInbox(signal: PeerSignal, events: PeerInboxEvents): PeerInbox {
  const seen = new Set<string>();
  const retries = new Map<string, number>();
  let forgetful = false;
  const recovered = new Set<string>();

  async function decrypt(envelope: Envelope, enc: Enc): Promise<proto.IMessage> {
    const { sender, group } = envelope;
    const padded =
      enc.type === 'skmsg' && group
        ? await signal.decryptGroup(sender, group, enc)
        : await signal.decrypt(sender, enc);
    const message = proto.Message.decode(unpadRandomMax16(padded));
    const { groupId, axolotlSenderKeyDistributionMessage } = message.senderKeyDistributionMessage ?? {};
    if (groupId && axolotlSenderKeyDistributionMessage) {
      await signal.acceptDistribution(sender, groupId, axolotlSenderKeyDistributionMessage);
    }
    return message;
  }

  function accept(self: Device, envelope: Envelope, message: proto.IMessage): void {
    const { id, sender, group, chat } = envelope;
    recovered.add(sender.lid);
    const isOwn = sender.account === self.account;
    // The phone answers for the account; one delivery receipt a message is what the sender waits for.
    if (self.id === 0 && !isOwn) {
      sender.acceptReceipt({ messageId: id, from: self, chat, group, type: undefined, retry: undefined });
    }
    const text = textOf(message.deviceSentMessage?.message ?? message);
    const key = `${sender.lid} ${id}`;
    if (text === undefined || seen.has(key)) return;
    seen.add(key);
    const otherSide = message.deviceSentMessage?.destinationJid ?? sender.account.jid;
    events.onReceived({
      device: self.id,
      from: sender.jid,
      chat: group?.jid ?? otherSide,
      messageId: id,
      text,
      at: Date.now(),
    });
  }

  function refuse(self: Device, envelope: Envelope, encType: EncType, reason: string): void {
    const { id, sender, group, chat } = envelope;
    const isOwnFault = forgetful && !recovered.has(sender.lid);
    const from = sender.jid;
    events.onUndecryptable({ device: self.id, from, messageId: id, encType, reason, isOwnFault }, sender);
    const count = (retries.get(id) ?? 0) + 1;
    retries.set(id, count);
    if (count > MAX_RETRIES) return;
    const retry = { count, registrationId: signal.registrationId, bundle: undefined };
    sender.acceptReceipt({ messageId: id, from: self, chat, group, type: 'retry', retry });
  }

  return {
    async read(self, envelope) {
      let message: proto.IMessage = {};
      for (const enc of envelope.encs) {
        try {
          message = { ...message, ...(await decrypt(envelope, enc)) };
        } catch (error) {
          return refuse(self, envelope, enc.type, error instanceof Error ? error.message : String(error));
        }
      }
      accept(self, envelope, message);
    },
    forgiveNextFailures() {
      forgetful = true;
      recovered.clear();
    },
  };
}

const textOf = (message: proto.IMessage) =>
  message.conversation || message.extendedTextMessage?.text || undefined;
