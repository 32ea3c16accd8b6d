import type { Observer } from './observer.ts';

/** Signs that a client runs on state that is older than what it had, or that it lost something. */
export type AnomalyKind =
  /** The same step of a sending chain encrypted two different messages. */
  | 'ratchet-reuse'
  /** The same step of a sender key encrypted two different group messages. */
  | 'sender-key-reuse'
  /** A one-time key of a peer served for two different signal sessions. */
  | 'peer-pre-key-reuse'
  /** A pre-key id was uploaded again with another key. */
  | 'pre-key-clash'
  /** A one-time pre-key that somebody had already taken was offered again. */
  | 'consumed-pre-key-offered'
  | 'registration-id-changed'
  | 'identity-changed'
  /** A collection of the app state was asked for from an older version than the client had named before. */
  | 'app-state-went-back'
  /** A peer could not decrypt what the client sent. */
  | 'undecryptable'
  /**
   * A peer could not decrypt the first message of a signal session that the client opened while a message under
   * the old one was on its way to it. libsignal then breaks the new one; the client's state is not stale, and the
   * retry heals it.
   */
  | 'crossed-signal-sessions'
  /** A client offered keys that no signal session can be opened with. */
  | 'bad-key-bundle'
  /** The client could not decrypt what a peer sent. */
  | 'retry-receipt'
  /** The client refused a message for good. */
  | 'message-refused'
  /** The client took a message that it had settled before for a new one. */
  | 'replay-accepted';

export interface Anomaly {
  readonly kind: AnomalyKind;
  /** The linked device that shows it. */
  readonly deviceJid: string;
  readonly detail: string;
  readonly at: number;
}

/** A message that a linked device answered for good. */
export interface SettledMessage {
  readonly deviceJid: string;
  readonly chat: string;
  readonly messageId: string;
  readonly text: string;
  /** `duplicate`: it knew the message already (ack 487). `refused`: any other negative acknowledgement. */
  readonly outcome: 'received' | 'duplicate' | 'refused';
  readonly at: number;
}

export interface ConnectionEvent {
  readonly kind:
    | 'connect'
    /** Turned away with an HTTP status. */
    | 'upgrade-refused'
    /** Left without an answer on purpose. */
    | 'unanswered'
    | 'qr-issued'
    | 'code-requested'
    | 'paired'
    | 'login'
    | 'login-refused'
    | 'online'
    | 'kicked'
    | 'broken'
    | 'closed';
  /** Unknown until the client has said who it is. */
  readonly deviceJid: string | undefined;
  readonly detail: string | undefined;
  /** Numbers the logins, where it is the login of a device or the end of one: two of a device may overlap. */
  readonly login: number | undefined;
  readonly at: number;
}

/** A message stanza from a linked device, with the times a test needs to strike between arrival and ack. */
export interface ClientMessage {
  readonly deviceJid: string;
  readonly messageId: string;
  readonly to: string;
  readonly arrivedAt: number;
  /** Undefined as long as the acknowledgement has not been sent. */
  ackedAt: number | undefined;
}

/** What happened, in order. Append-only; whoever waits is told of each entry. */
export interface Records {
  readonly anomalies: readonly Anomaly[];
  readonly settled: readonly SettledMessage[];
  readonly connections: readonly ConnectionEvent[];
  readonly clientMessages: readonly ClientMessage[];
  reportAnomaly(kind: AnomalyKind, deviceJid: string, detail: string): void;
  noteSettled(message: Omit<SettledMessage, 'at'>): void;
  noteConnection(kind: ConnectionEvent['kind'], deviceJid?: string, detail?: string, login?: number): void;
  noteClientMessage(deviceJid: string, messageId: string, to: string): ClientMessage;
}

export function createRecords(observer: Observer): Records {
  const anomalies: Anomaly[] = [];
  const settled: SettledMessage[] = [];
  const connections: ConnectionEvent[] = [];
  const clientMessages: ClientMessage[] = [];

  function append<T>(list: T[], entry: T): T {
    list.push(entry);
    observer.changed();
    return entry;
  }

  return {
    anomalies,
    settled,
    connections,
    clientMessages,
    reportAnomaly(kind, deviceJid, detail) {
      append(anomalies, { kind, deviceJid, detail, at: Date.now() });
    },
    noteSettled(message) {
      append(settled, { ...message, at: Date.now() });
    },
    noteConnection(kind, deviceJid, detail, login) {
      append(connections, { kind, deviceJid, detail, login, at: Date.now() });
    },
    noteClientMessage(deviceJid, messageId, to) {
      return append(clientMessages, { deviceJid, messageId, to, arrivedAt: Date.now(), ackedAt: undefined });
    },
  };
}
