import type { BinaryNode } from '@whiskeysockets/baileys';
import type { ClientConnection } from './client-connection.ts';
import { createDeliveryQueue, type DeliveryQueue } from './delivery-queue.ts';
import { type Account, type Device, deviceJid, type KeyBundle } from './device.ts';
import { messageStanza, receiptStanza } from './message-stanza.ts';
import { createPreKeyShelf, type PreKeyShelf } from './pre-key-shelf.ts';
import { createReplayProbes, type ReplayProbes } from './replay-probe.ts';
import type { PairedIdentity } from './stale-detectors.ts';
import type { World } from './world.ts';

/** What a client showed at pairing. */
export interface PairedKeys extends PairedIdentity {
  readonly noiseKey: Buffer;
  readonly signedPreKey: KeyBundle['signedPreKey'];
}

/** How far the present connection of a companion has come. */
export interface Login {
  /** Of all logins of all devices. */
  readonly number: number;
  readonly connection: ClientConnection;
  readonly edgeRouting: Buffer | undefined;
  /** The client has checked its key bundle, which is the last step before it calls itself open. */
  isDigested: boolean;
  /** The backlog was sent. */
  isDrained: boolean;
}

/** The server's side of a linked device: everything that outlives its connections. */
export interface Companion extends Device, PairedIdentity {
  readonly noiseKey: Buffer;
  readonly shelf: PreKeyShelf;
  readonly queue: DeliveryQueue;
  readonly probes: ReplayProbes;
  signedPreKey: KeyBundle['signedPreKey'];
  login: Login | undefined;
  isRemoved: boolean;
  hasSynced: boolean;
  /** Runs once, when the backlog of the first login is through: the phone's turn to share keys and history. */
  greet: (() => void) | undefined;
  /** Sends if somebody is connected. `onSent` runs when the stanza has really left. */
  send(node: BinaryNode, onSent?: () => void): void;
  /** The connection is over: what was not settled waits for the next one. */
  leave(): void;
}

export function createCompanion(world: World, account: Account, id: number, keys: PairedKeys): Companion {
  const { records, faults, observer } = world;
  const jid = deviceJid(account.jid, id);
  const queue = createDeliveryQueue();
  const shelf = createPreKeyShelf((kind, detail) => records.reportAnomaly(kind, jid, detail));

  const companion: Companion = {
    account,
    id,
    jid,
    lid: deviceJid(account.lid, id),
    ...keys,
    shelf,
    queue,
    probes: createReplayProbes(records, jid),
    login: undefined,
    isRemoved: false,
    hasSynced: false,
    greet: undefined,
    send(node, onSent) {
      const connection = companion.login?.connection;
      const forward = () => {
        if (connection === undefined || connection !== companion.login?.connection) return;
        connection.send(node);
        onSent?.();
      };
      const cut = () => connection?.reset();
      faults.pass({ direction: 'to-client', node, deviceJid: jid }, { forward, cut });
    },
    leave() {
      companion.login = undefined;
      queue.pause();
      companion.probes.abandon();
    },
    takeBundle: () => ({
      registrationId: keys.registrationId,
      identityKey: keys.identityKey,
      signedPreKey: companion.signedPreKey,
      preKey: shelf.take(),
    }),
    deliver(envelope) {
      if (companion.isRemoved) return;
      queue.put('message', messageStanza(envelope, companion), envelope);
      observer.changed();
    },
    acceptReceipt(receipt) {
      if (companion.isRemoved) return;
      queue.put('receipt', receiptStanza(receipt, companion));
      observer.changed();
    },
  };
  return companion;
}

/** Whether a device is a linked client rather than one the simulator plays itself. */
export const isCompanion = (device: Device | undefined): device is Companion =>
  device !== undefined && 'noiseKey' in device;
