import type { LinkedAccount } from '../baileys/account.ts';
import type { Clock } from '../clock.ts';
import type { Position } from '../store.ts';
import type { SessionRecord } from '../vault/session-record.ts';
import type { SessionEvents } from './session-events.ts';
import type { QrCode, SessionStatus, SessionView, StatusReason } from './session-views.ts';
import { createSessionVitals, type SessionVitals } from './session-vitals.ts';

/** What is known of one session right now, and the only place that publishes its changes. */
export interface SessionState {
  readonly id: string;
  view(): SessionView;
  readonly status: SessionStatus;
  readonly record: SessionRecord;
  readonly account: LinkedAccount | undefined;
  readonly vitals: SessionVitals;
  moveTo(status: SessionStatus, reason?: StatusReason): void;
  showQr(qr: QrCode): void;
  clearQr(): void;
  update(known: Partial<Known>): void;
}

export interface Known {
  readonly record: SessionRecord;
  readonly account: LinkedAccount | undefined;
  /** Where the session stands, asked whenever somebody looks. */
  readonly position: () => Position;
  readonly heldBy: string | undefined;
  /** What keeps it from being as safe or as useful as it should be, asked whenever somebody looks. */
  readonly degraded?: () => StatusReason | undefined;
  /** What is written and not durable yet, while the session is open. */
  readonly pending?: () => PendingWrites;
  /** Writes into the session's history, while the session is open. */
  readonly note?: (status: SessionStatus, reason: StatusReason | undefined, at: number) => void;
}

export interface PendingWrites {
  readonly pendingWrites: number;
  readonly oldestPendingWriteMs: number;
}

export const NOTHING_PENDING: PendingWrites = { pendingWrites: 0, oldestPendingWriteMs: 0 };

export interface SessionStateOptions {
  readonly id: string;
  readonly known: Known;
  readonly status: SessionStatus;
  readonly events: SessionEvents;
  readonly clock: Clock;
}

type Draft<T> = { -readonly [K in keyof T]: T[K] };

export function createSessionState({ id, events, clock, ...initial }: SessionStateOptions): SessionState {
  let { known, status } = initial;
  const vitals = createSessionVitals(clock.now);
  let reason: StatusReason | undefined;
  let qr: QrCode | undefined;
  let updatedAt = clock.now();

  function view(): SessionView {
    const { record, account, heldBy } = known;
    const { epoch, revision } = known.position();
    const isLoggedOut = record.loggedOutAt !== undefined;
    const degraded = known.degraded?.() ?? vitals.degraded();
    const { pendingWrites, oldestPendingWriteMs } = known.pending?.() ?? NOTHING_PENDING;
    // Filled in, not spread together: a list makes many of these.
    const view: Draft<SessionView> = {
      id,
      status,
      desiredState: record.desiredState,
      linked: account !== undefined && !isLoggedOut,
      epoch,
      revision,
      createdAt: new Date(record.createdAt),
      updatedAt: new Date(updatedAt),
      pendingWrites,
      oldestPendingWriteMs,
      ...vitals.view(),
    };
    if (account && !isLoggedOut) Object.assign(view, account);
    if (reason) view.statusReason = reason;
    if (degraded) view.degraded = degraded;
    if (qr) view.qr = qr;
    if (heldBy) view.heldBy = heldBy;
    if (record.lastConnectedAt !== undefined) view.lastConnectedAt = new Date(record.lastConnectedAt);
    return view;
  }

  return {
    id,
    view,
    vitals,
    get status() {
      return status;
    },
    get record() {
      return known.record;
    },
    get account() {
      return known.account;
    },

    moveTo(next, why) {
      if (next === status && why?.code === reason?.code && why?.retryAt === reason?.retryAt) return;
      const previous = status;
      if (next !== previous) known.note?.(next, why, clock.now());
      status = next;
      reason = why;
      updatedAt = clock.now();
      const at = new Date(updatedAt);
      events.publishStatus({ session: view(), previous, status, at, ...(why && { reason: why }) });
    },

    showQr(code) {
      qr = code;
      events.publishQr(id, code);
    },

    clearQr() {
      qr = undefined;
    },

    update(changed) {
      known = { ...known, ...changed };
      updatedAt = clock.now();
    },
  };
}
