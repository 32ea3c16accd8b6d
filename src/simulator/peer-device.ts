import { randomBytes } from 'node:crypto';
import { encodeWAMessage, type proto } from '@whiskeysockets/baileys';
import {
  type Account,
  type Device,
  deviceJid,
  type Enc,
  type Envelope,
  type GroupChat,
  type Receipt,
} from './device.ts';
import { createPeerInbox, type PeerInbox, type PeerInboxEvents } from './peer-inbox.ts';
import { createPeerSignal, type PeerSignal } from './peer-signal.ts';
import { quietly } from './quiet-console.ts';
import { createSerial } from './serial.ts';
import { readPreKeyHeader } from './signal-envelope.ts';

/** A device that the simulator plays itself: the phone of an account, or a companion of a contact. */
export interface PeerDevice extends Device {
  readonly identity: PeerSignal['identity'];
  readonly inbox: PeerInbox;
  /** Sends a message to devices of a chat; resolves when the last one has it queued. */
  send(outgoing: OutgoingMessage): Promise<{ messageId: string }>;
  /** Loses all signal sessions; what fails to decrypt for that reason is not the client's fault. */
  forgetSignalSessions(): Promise<void>;
  close(): void;
}

export interface OutgoingMessage {
  readonly content: proto.IMessage;
  readonly chat: string;
  readonly group: GroupChat | undefined;
  readonly recipients: readonly Device[];
  readonly category?: 'peer';
  /** Flips a bit in every ciphertext of the first transmission, so that recipients have to ask again. */
  readonly damage?: 'first-transmission';
}

export function createPeerDevice(account: Account, id: number, events: PeerInboxEvents): PeerDevice {
  const jid = deviceJid(account.jid, id);
  const lid = deviceJid(account.lid, id);
  const signal = createPeerSignal(lid);
  const serial = createSerial();
  const inTurn = <T>(job: () => Promise<T>) => serial(() => quietly(job));
  const sent = new Map<string, OutgoingMessage>();
  const sealed = createSealer(signal);

  const post = (
    to: Device,
    id: string,
    outgoing: OutgoingMessage,
    rest: Pick<Envelope, 'encs' | 'retryCount'>,
  ) =>
    to.deliver({
      id,
      sender: device,
      chat: outgoing.chat,
      group: outgoing.group,
      category: outgoing.category,
      text: outgoing.content.conversation ?? '',
      isDamaged: outgoing.damage !== undefined && rest.retryCount === 0,
      ...rest,
    });

  async function resend({ messageId, from, retry }: Receipt): Promise<void> {
    const outgoing = sent.get(messageId);
    if (outgoing === undefined || retry === undefined) return;
    await signal.renew(from, retry.bundle);
    const encs = [await sealed.again(from, outgoing)];
    post(from, messageId, outgoing, { encs, retryCount: retry.count });
  }

  const device: PeerDevice = {
    account,
    id,
    jid,
    lid,
    identity: signal.identity,
    inbox: createPeerInbox(signal, events),
    takeBundle: signal.takeBundle,
    deliver: envelope => void inTurn(() => device.inbox.read(device, envelope)),
    acceptReceipt(receipt) {
      const { retry, messageId, from, type } = receipt;
      if (retry === undefined) return events.onReceipt({ messageId, from: from.jid, type: kindOf(type) });
      inTurn(() => resend(receipt)).catch((error: Error) => events.onUnsendable(receipt.from, error.message));
    },
    send: outgoing =>
      inTurn(async () => {
        const messageId = `3EB0${randomBytes(9).toString('hex').toUpperCase()}`;
        sent.set(messageId, outgoing);
        const encsFor = await sealed.first(outgoing);
        for (const to of outgoing.recipients) {
          post(to, messageId, outgoing, { encs: await encsFor(to), retryCount: 0 });
        }
        return { messageId };
      }),
    forgetSignalSessions: () =>
      inTurn(async () => {
        signal.forgetAll();
        sealed.forgetDistributions();
        device.inbox.forgiveNextFailures();
      }),
    close: signal.close,
  };
  return device;
}

const kindOf = (type: string | undefined) => (type === 'read' || type === 'played' ? type : 'delivered');

/** Turns content into ciphertexts: pairwise ones for a chat, a sender key and its distribution for a group. */
function createSealer(signal: PeerSignal) {
  const holders = new Map<string, Set<string>>();

  async function sealForGroup(group: GroupChat, content: proto.IMessage) {
    const { enc, distribution } = await signal.encryptGroup(group, encodeWAMessage(content));
    const known = holders.get(group.jid) ?? new Set<string>();
    holders.set(group.jid, known);
    return async (to: Device) => {
      if (known.has(to.lid)) return [enc];
      known.add(to.lid);
      return [await signal.encrypt(to, encodeWAMessage(distributionMessage(group, distribution))), enc];
    };
  }

  return {
    async first({ content, group, damage }: OutgoingMessage) {
      const whole = group
        ? await sealForGroup(group, content)
        : async (to: Device) => [await signal.encrypt(to, encodeWAMessage(content))];
      if (damage === undefined) return whole;
      return async (to: Device) => (await whole(to)).map(damaged);
    },
    /** A retry goes to one device, pairwise even in a group, and carries the sender key along. */
    async again(to: Device, { content, group }: OutgoingMessage) {
      if (group === undefined) return signal.encrypt(to, encodeWAMessage(content));
      const distribution = await signal.distributionFor(group);
      return signal.encrypt(to, encodeWAMessage({ ...content, ...distributionMessage(group, distribution) }));
    },
    forgetDistributions: () => holders.clear(),
  };
}

const distributionMessage = (group: GroupChat, distribution: Uint8Array): proto.IMessage => ({
  senderKeyDistributionMessage: { groupId: group.jid, axolotlSenderKeyDistributionMessage: distribution },
});

/** Flips a bit of the MAC (of a group message: the signature). Other bytes may not matter to the recipient. */
function damaged({ type, ciphertext }: Enc): Enc {
  const copy = Buffer.from(ciphertext);
  const sealed = type === 'pkmsg' ? readPreKeyHeader(copy).body : copy;
  const last = sealed.length - 1;
  sealed[last] = (sealed[last] ?? 0) ^ 1;
  return { type, ciphertext: copy };
}
