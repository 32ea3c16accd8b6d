/** What callers of the session manager see: plain values, safe to show to a viewer with the right scope. */

export const SESSION_STATUSES = [
  'STOPPED',
  'CONNECTING',
  'PAIRING',
  'PAIRING_EXPIRED',
  'CONNECTED',
  'RECONNECTING',
  'STANDBY',
  'QUARANTINED',
  'LOGGED_OUT',
  'FAILED',
] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

export type DesiredState = 'RUNNING' | 'STOPPED';

export interface StatusReason {
  /** Stable and machine-readable, e.g. CONNECTION_REPLACED. */
  readonly code: string;
  /** One sentence for a person: what happened and what to do. */
  readonly message: string;
  /** The number that WhatsApp or the transport gave. */
  readonly rawCode?: number;
  readonly retryAt?: Date;
}

export interface QrCode {
  /** The text to encode. A credential: whoever sees it can link a phone. */
  readonly data: string;
  /** 1 for the first code of a pairing attempt. */
  readonly ordinal: number;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

export interface SessionView {
  readonly id: string;
  readonly status: SessionStatus;
  readonly statusReason?: StatusReason;
  readonly desiredState: DesiredState;
  readonly linked: boolean;
  /** E.164, with the plus sign. */
  readonly phoneNumber?: string;
  /** Without the device part. */
  readonly jid?: string;
  readonly lid?: string;
  readonly displayName?: string;
  readonly degraded?: StatusReason;
  /** When WhatsApp was last heard of, by this server. */
  readonly lastFrameAt?: Date;
  /** When a message was last read. */
  readonly lastDecryptedAt?: Date;
  /** Messages that could not be decrypted, since this server started. */
  readonly decryptFailures: number;
  /** Changes that are not as durable yet as WRITE_ACK asks. */
  readonly pendingWrites: number;
  readonly oldestPendingWriteMs: number;
  /** The code that is valid right now. */
  readonly qr?: QrCode;
  /** Instance id of the server that runs it. */
  readonly heldBy?: string;
  readonly epoch: number;
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly lastConnectedAt?: Date;
}

export const COPY_STATES = [
  'IN_SYNC',
  'BEHIND',
  'MISSING',
  'DELETED',
  'UNREACHABLE',
  'UNREADABLE',
  'CORRUPT',
  'UNDECRYPTABLE',
  'DIVERGED',
  'EXCLUDED',
] as const;
export type CopyState = (typeof COPY_STATES)[number];

/** What one store of the chain holds of one session. */
export interface CopyView {
  readonly store: string;
  readonly state: CopyState;
  readonly epoch?: number;
  readonly revision?: number;
  /** Undefined where the epochs differ. */
  readonly behindBy?: number;
  readonly lastSyncedAt?: Date;
  readonly createdAt?: Date;
  readonly updatedAt?: Date;
  readonly error?: string;
}

/** One thing that happened to a session. */
export interface HistoryEventView {
  readonly id: string;
  readonly at: Date;
  readonly status: SessionStatus;
  readonly reason?: StatusReason;
  /** Instance id of the server that saw it. */
  readonly server: string;
}

export interface HistoryView {
  readonly events: readonly HistoryEventView[];
  readonly hasNextPage: boolean;
}

export interface StoreView {
  readonly name: string;
  /** Place in the chain, from 0. */
  readonly order: number;
  readonly healthy: boolean;
  readonly error?: string;
  readonly latencyMs?: number;
  readonly pendingChanges: number;
  readonly oldestPendingMs: number;
}

export interface StatusChange {
  readonly session: SessionView;
  readonly previous?: SessionStatus;
  readonly status: SessionStatus;
  readonly reason?: StatusReason;
  readonly at: Date;
}

export interface IncomingMessage {
  readonly sessionId: string;
  /** Unique only within session, chat and sender. */
  readonly id: string;
  readonly chatId: string;
  readonly senderId: string;
  readonly senderPhoneNumber?: string;
  readonly senderName?: string;
  readonly fromMe: boolean;
  readonly text?: string;
  readonly at: Date;
}

export interface SessionFilter {
  readonly status?: readonly SessionStatus[];
  readonly phoneNumber?: string;
  /** Part of id, phone number or display name, without regard to case. */
  readonly search?: string;
}

export interface SessionListRequest {
  readonly filter?: SessionFilter;
  /** Which sessions the caller may know of. */
  readonly isVisible: (sessionId: string) => boolean;
  readonly first: number;
  /** Id of the last session of the page before; sessions are ordered by id. */
  readonly after?: string;
}

export interface SessionList {
  readonly sessions: readonly SessionView[];
  readonly hasNextPage: boolean;
  readonly totalCount: number;
  /** Stores that could not be asked: sessions that only they hold are missing here. */
  readonly unreachableStores: readonly string[];
}
