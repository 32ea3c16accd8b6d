import type { CodeRequest } from './code-requests.ts';
import type { Contact } from './contact.ts';
import type { LinkedDevice } from './linked-device.ts';
import type { Phone } from './phone.ts';
import type { Anomaly, ConnectionEvent } from './records.ts';
import type { Group, Simulator } from './simulator.ts';

/** What people who try the simulator by hand can do: one phone, one contact, one group of both. */
export interface Playground {
  readonly phone: Phone;
  readonly contact: Contact;
  readonly group: Group;
  /** Takes a QR text or a pairing code. Rejects with what is wrong with it. */
  pair(code: string): Promise<LinkedDevice>;
  sendText(text: string): Promise<void>;
  sendGroupText(text: string): Promise<void>;
  /** Unlinks one device, or all of them. Throws on a JID that is not linked. */
  kick(jid?: string): void;
  state(): PlaygroundState;
}

/** All there is to see, ready to be shown. */
export interface PlaygroundState {
  readonly phone: string;
  readonly contact: string;
  readonly group: string;
  readonly url: string;
  readonly codeRequests: readonly CodeRequest[];
  readonly devices: readonly { jid: string; status: string; queued: number }[];
  readonly messages: readonly ShownMessage[];
  readonly reports: readonly Anomaly[];
  readonly events: readonly ConnectionEvent[];
}

export interface ShownMessage {
  readonly at: number;
  readonly direction: 'sent' | 'received';
  readonly isGroup: boolean;
  readonly text: string;
  /** Which devices have it, and what they made of it. */
  readonly fate: string;
}

const SHOWN = 60;

export function createPlayground(simulator: Simulator): Playground {
  const phone = simulator.createPhone({ number: '15550001', name: 'Ada' });
  const contact = simulator.createContact({ number: '15550002', name: 'Grace' });
  const group = simulator.createGroup({ subject: 'Harbour', members: [phone, contact] });
  const sent: { at: number; messageId: string; text: string; isGroup: boolean }[] = [];

  async function send(to: typeof phone | typeof group, text: string): Promise<void> {
    if (text.trim() === '') throw new Error('an empty text is not sent');
    const { messageId } = await contact.sendText(to, text);
    sent.push({ at: Date.now(), messageId, text, isGroup: to === group });
  }

  function sentMessages(): ShownMessage[] {
    return sent.map(({ messageId, ...message }) => {
      const settled = simulator.settled.filter(one => one.messageId === messageId);
      const fate = settled.map(({ deviceJid, outcome }) => `${deviceOf(deviceJid)} ${outcome}`);
      return { ...message, direction: 'sent', fate: fate.join(', ') || 'under way' };
    });
  }

  /** Each device of the contact decrypts its own copy. */
  function receivedMessages(): ShownMessage[] {
    const readers = new Map<string, number[]>();
    const firstCopies = contact.received.filter(({ messageId, device }) => {
      const known = readers.get(messageId);
      readers.set(messageId, [...(known ?? []), device].sort());
      return known === undefined;
    });
    return firstCopies.map(({ at, text, chat, from, messageId }) => {
      const fate = `from ${deviceOf(from)}, read by device ${readers.get(messageId)?.join(' and ')}`;
      return { at, text, isGroup: chat === group.jid, direction: 'received', fate };
    });
  }

  return {
    phone,
    contact,
    group,
    async pair(code) {
      const text = code.trim();
      if (text.includes(',')) return phone.scan(text);
      if (/^[\w\s-]{8,9}$/.test(text)) return phone.typeCode(text);
      throw new Error('this is neither a QR text nor a pairing code');
    },
    sendText: text => send(phone, text),
    sendGroupText: text => send(group, text),
    kick(jid) {
      const chosen = phone.devices.filter(device => jid === undefined || device.jid === jid);
      if (chosen.length === 0) throw new Error('no such device is linked');
      for (const device of chosen) phone.removeDevice(device);
    },
    state: () => ({
      phone: `${phone.account.name} +${phone.number}`,
      contact: `${contact.account.name} +${contact.number}`,
      group: group.subject,
      url: simulator.url,
      codeRequests: simulator.pendingPairingCodes.map(({ number, platform }) => ({ number, platform })),
      devices: phone.devices.map(device => ({
        jid: device.jid,
        status: statusOf(device),
        queued: device.queued,
      })),
      messages: [...sentMessages(), ...receivedMessages()].sort((a, b) => a.at - b.at).slice(-SHOWN),
      reports: simulator.anomalies.slice(-SHOWN),
      events: simulator.connections.slice(-SHOWN),
    }),
  };
}

const deviceOf = (jid: string) => jid.replace(/@.*/, '');

function statusOf({ isOnline, isConnected }: LinkedDevice): string {
  if (isOnline) return 'online';
  return isConnected ? 'connecting' : 'away';
}
