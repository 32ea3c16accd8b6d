import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Parcel } from './delivery-queue.ts';
import type { Records } from './records.ts';

const REMEMBERED_STANZAS = 64;

/**
 * How a client answered a message it had settled before. `recognised` (ack 487) and `unreadable` (a retry
 * receipt: libsignal says so of a plain `msg` and of group messages) both mean that the keys are spent, as they
 * must be. `accepted` means that they were not: the client runs on state from before it got the message.
 */
export type ReplayOutcome = 'recognised' | 'unreadable' | 'accepted' | 'unanswered';

/** Replays settled messages to a linked device and judges the answers. */
export interface ReplayProbes {
  remember(parcel: Parcel): void;
  /** Sends the last `count` settled messages again. */
  replay(count: number, send: (node: BinaryNode) => void): Promise<ReplayOutcome[]>;
  /** Tells whether an answer belongs to a probe, and finishes that probe. */
  answer(messageId: string, outcome: ReplayOutcome): boolean;
  /** The connection is gone. */
  abandon(): void;
}

export function createReplayProbes(records: Records, deviceJid: string): ReplayProbes {
  const settled: BinaryNode[] = [];
  const open = new Map<string, (outcome: ReplayOutcome) => void>();

  const probe = (node: BinaryNode, send: (node: BinaryNode) => void) =>
    new Promise<ReplayOutcome>(resolve => {
      open.set(node.attrs.id ?? '', resolve);
      send(node);
    });

  return {
    remember({ stanza }) {
      settled.push(stanza);
      if (settled.length > REMEMBERED_STANZAS) settled.shift();
    },
    replay: (count, send) => Promise.all(settled.slice(-count).map(node => probe(node, send))),
    answer(messageId, outcome) {
      const resolve = open.get(messageId);
      if (resolve === undefined) return false;
      open.delete(messageId);
      if (outcome === 'accepted') {
        records.reportAnomaly('replay-accepted', deviceJid, `message ${messageId} was taken for a new one`);
      }
      resolve(outcome);
      return true;
    },
    abandon() {
      for (const resolve of open.values()) resolve('unanswered');
      open.clear();
    },
  };
}
