import type { Account, GroupChat } from './device.ts';
import { createPeerDevice, type OutgoingMessage, type PeerDevice } from './peer-device.ts';
import type { MessageReceipt, ReceivedMessage, UndecryptableMessage } from './peer-inbox.ts';
import { createPeerReports } from './peer-reports.ts';
import type { World } from './world.ts';

/**
 * The companion of a contact. Baileys renews its signal session with device 0 on the first send of every
 * connection, so only a companion shows that a ratchet went back.
 */
const COMPANION_ID = 5;

/** Another account, played by the simulator, with a phone and (unless told otherwise) a companion. */
export interface Contact {
  readonly account: Account;
  readonly number: string;
  readonly jid: string;
  readonly lid: string;
  /** Texts that its devices decrypted, each once a device. */
  readonly received: readonly ReceivedMessage[];
  readonly undecryptable: readonly UndecryptableMessage[];
  /** What became of its messages, each once a device that says so. */
  readonly receipts: readonly MessageReceipt[];
  /** Sends a text to all devices of an account, or to a group; resolves when it is queued for each of them. */
  sendText(to: Destination, text: string, options?: SendOptions): Promise<{ messageId: string }>;
  /** Reads what its phone has received since the last time; the senders get a read receipt for each text. */
  readMessages(): void;
  /** Resolves with the first device's copy of a text, received before or yet to come. */
  waitForText(text: string, device?: number): Promise<ReceivedMessage>;
  /** From now on WhatsApp answers what is sent to it with this error, and carries none of it; undefined: carries it. */
  refuseMessages(error: number | undefined): void;
  /**
   * Loses the signal sessions of all its devices, so that each has to ask for the next message again. Those
   * failures are no anomalies.
   */
  forgetSignalSessions(): Promise<void>;
}

export interface SendOptions {
  /**
   * The companion by default. Baileys opens a new signal session with a contact's phone on the first send of
   * every connection, and libsignal breaks it if a message of the phone under the old one is on its way just
   * then; a long run that looks for stale state had better not send from the phone.
   */
  readonly from?: 'phone' | 'companion';
  /** Breaks the ciphertexts of the first transmission; recipients must ask again. */
  readonly damage?: 'first-transmission';
}

/** Anything with an account behind it, or a group. */
export type Destination = { readonly account: Account } | { readonly chat: GroupChat };

export interface OwnedContact {
  readonly contact: Contact;
  readonly devices: readonly PeerDevice[];
}

export function createContact(world: World, account: Account, kind: 'with-companion' | 'phone-only') {
  const { observer, directory } = world;
  let readCount = 0;
  const { received, undecryptable, receipts, events } = createPeerReports(world);
  const ids = kind === 'with-companion' ? [0, COMPANION_ID] : [0];
  const devices = ids.map(id => createPeerDevice(account, id, events));
  for (const device of devices) account.devices.set(device.id, device);

  function senderFor({ from }: SendOptions): PeerDevice {
    const device = from === 'phone' ? devices[0] : (devices[1] ?? devices[0]);
    if (device === undefined) throw new Error('a contact has at least a phone');
    return device;
  }

  const contact: Contact = {
    account,
    number: account.number,
    jid: account.jid,
    lid: account.lid,
    received,
    undecryptable,
    receipts,
    readMessages() {
      const phone = senderFor({ from: 'phone' });
      const unread = received.slice(readCount).filter(({ device }) => device === phone.id);
      readCount = received.length;
      for (const { from, chat, messageId } of unread) {
        const receipt = { messageId, chat, group: directory.groupOf(chat), type: 'read', retry: undefined };
        directory.deviceOf(from)?.acceptReceipt({ ...receipt, from: phone });
      }
    },
    sendText(to, text, options = {}) {
      const { damage } = options;
      const content = { conversation: text };
      return senderFor(options).send({ ...route(to, account), content, ...(damage && { damage }) });
    },
    async waitForText(text, device) {
      const find = () =>
        received.find(message => message.text === text && (device ?? message.device) === message.device);
      await observer.until(() => find() !== undefined);
      return find() as ReceivedMessage;
    },
    refuseMessages(error) {
      account.refusedWith = error;
    },
    async forgetSignalSessions() {
      await Promise.all(devices.map(device => device.forgetSignalSessions()));
    },
  };
  return { contact, devices } satisfies OwnedContact;
}

type Route = Pick<OutgoingMessage, 'chat' | 'group' | 'recipients'>;

function route(to: Destination, sender: Account): Route {
  if ('account' in to) {
    return { chat: to.account.jid, group: undefined, recipients: [...to.account.devices.values()] };
  }
  const others = to.chat.members.filter(member => member !== sender);
  const recipients = others.flatMap(member => [...member.devices.values()]);
  return { chat: to.chat.jid, group: to.chat, recipients };
}
