import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { type Companion, isCompanion } from './companion.ts';
import type { Account } from './device.ts';
import { nowSeconds, SERVER_JID, stanza } from './stanza.ts';

/** Something the server tells a device unasked; it is repeated until the device acknowledges it. */
export function notify({ queue }: Companion, type: string, content: BinaryNode, from = SERVER_JID): void {
  const id = randomBytes(6).toString('hex');
  queue.put('notification', stanza('notification', { from, type, id, t: nowSeconds() }, [content]));
}

/** Tells the other linked devices of an account that one of them came or went. */
export function announceDevice(companion: Companion, change: 'add' | 'remove'): void {
  const content = stanza(change, {}, [stanza('device', { jid: companion.jid })]);
  for (const other of companionsOf(companion.account)) {
    if (other !== companion) notify(other, 'devices', content, companion.account.jid);
  }
}

/** Tells the linked devices of an account, but for the one that did it, to fetch a collection of its app state. */
export function announceAppState(account: Account, collection: string, author?: Companion): void {
  const content = stanza('collection', { name: collection });
  for (const companion of companionsOf(account)) {
    if (companion !== author) notify(companion, 'server_sync', content);
  }
}

const companionsOf = ({ devices }: Account) => [...devices.values()].filter(isCompanion);
