import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Envelope } from './device.ts';
import { SERVER_JID, stanza } from './stanza.ts';

/** A stanza that a linked device has not answered for good. */
export interface Parcel {
  readonly kind: 'message' | 'receipt' | 'notification';
  readonly stanza: BinaryNode;
  readonly envelope: Envelope | undefined;
  deliveries: number;
  /** Each retry receipt is followed by a nack that settles nothing, and that may arrive after the resend. */
  owedNacks: number;
}

/** Holds what a linked device has still to answer, in order, across any number of connections. */
export interface DeliveryQueue {
  readonly parcels: readonly Parcel[];
  /** Adds a stanza; a message with the id of one that waits takes its place, as a retransmission does. */
  put(kind: Parcel['kind'], stanza: BinaryNode, envelope?: Envelope): void;
  find(matches: (parcel: Parcel) => boolean): Parcel | undefined;
  remove(parcel: Parcel): void;
  /** The device is gone for good. */
  clear(): void;
  /** Tells a connection that has just logged in how much there is. */
  announce(send: Send): void;
  /** Sends the backlog, then everything at once as it is put. */
  drain(send: Send): void;
  /** The connection is gone: keep everything for the next one. */
  pause(): void;
}

type Send = (node: BinaryNode) => void;

export function createDeliveryQueue(): DeliveryQueue {
  const parcels: Parcel[] = [];
  let live: Send | undefined;

  function transmit(parcel: Parcel, send: Send, offline?: number): void {
    parcel.deliveries += 1;
    const { stanza } = parcel;
    send(
      offline === undefined ? stanza : { ...stanza, attrs: { ...stanza.attrs, offline: String(offline) } },
    );
  }

  return {
    parcels,
    put(kind, node, envelope) {
      const parcel: Parcel = { kind, stanza: node, envelope, deliveries: 0, owedNacks: 0 };
      const replaced = parcels.find(other => isSameMessage(other, parcel));
      if (replaced === undefined) parcels.push(parcel);
      else {
        parcel.owedNacks = replaced.owedNacks;
        parcels[parcels.indexOf(replaced)] = parcel;
      }
      if (live) transmit(parcel, live);
    },
    find: matches => parcels.find(matches),
    remove(parcel) {
      const at = parcels.indexOf(parcel);
      if (at !== -1) parcels.splice(at, 1);
    },
    clear: () => void parcels.splice(0),
    announce(send) {
      const count = (kind: Parcel['kind']) => parcels.filter(parcel => parcel.kind === kind).length;
      const preview = stanza('offline_preview', {
        count: parcels.length,
        message: count('message'),
        receipt: count('receipt'),
        notification: count('notification'),
        appdata: 0,
      });
      send(stanza('ib', { from: SERVER_JID }, [preview]));
    },
    drain(send) {
      const backlog = [...parcels];
      for (const [index, parcel] of backlog.entries()) transmit(parcel, send, index);
      send(stanza('ib', { from: SERVER_JID }, [stanza('offline', { count: backlog.length })]));
      live = send;
    },
    pause() {
      live = undefined;
      for (const parcel of parcels) parcel.owedNacks = 0;
    },
  };
}

const isSameMessage = (one: Parcel, other: Parcel) =>
  one.kind === 'message' &&
  one.stanza.attrs.id === other.stanza.attrs.id &&
  one.stanza.attrs.from === other.stanza.attrs.from;
