import { isCompanion } from './companion.ts';
import type { MessageReceipt, PeerInboxEvents, ReceivedMessage, UndecryptableMessage } from './peer-inbox.ts';
import type { World } from './world.ts';

/** What the devices of one simulated account have read, and what they could not. */
export interface PeerReports {
  readonly received: ReceivedMessage[];
  readonly undecryptable: UndecryptableMessage[];
  readonly receipts: MessageReceipt[];
  readonly events: PeerInboxEvents;
}

/** Keeps what is read, and reports what a linked client sent that nobody could read. */
export function createPeerReports({ records, observer }: World): PeerReports {
  const received: ReceivedMessage[] = [];
  const undecryptable: UndecryptableMessage[] = [];
  const receipts: MessageReceipt[] = [];
  const events: PeerInboxEvents = {
    onReceipt(receipt) {
      const { messageId, from, type } = receipt;
      const isKnown = receipts.some(
        known => known.messageId === messageId && known.from === from && known.type === type,
      );
      if (!isKnown) receipts.push(receipt);
      observer.changed();
    },
    onReceived(message) {
      received.push(message);
      observer.changed();
    },
    onUndecryptable(message, sender) {
      undecryptable.push(message);
      const { isOwnFault, messageId, device, reason } = message;
      if (isCompanion(sender) && !isOwnFault) {
        records.reportAnomaly(anomalyOf(message), sender.jid, `${messageId} at device ${device}: ${reason}`);
      }
      observer.changed();
    },
    onUnsendable(to, reason) {
      records.reportAnomaly('bad-key-bundle', to.jid, reason);
    },
  };
  return { received, undecryptable, receipts, events };
}

/** A signal session's first message fails its MAC only where libsignal broke the session; stale state repeats keys. */
const anomalyOf = ({ encType, reason }: UndecryptableMessage) =>
  encType === 'pkmsg' && reason === 'Bad MAC' ? 'crossed-signal-sessions' : 'undecryptable';
