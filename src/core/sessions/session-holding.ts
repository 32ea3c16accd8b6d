import type { Clock } from '../clock.ts';
import { StoreError } from '../errors.ts';
import { createLane } from '../lane.ts';
import type { LeaseKeeper, WhereHeld } from '../leases/lease-keeper.ts';
import type { OpenedSession } from '../vault/opened-session.ts';
import { createSentMessages, type SentMessages } from '../vault/sent-messages.ts';
import { createSessionHistory, type SessionHistory } from '../vault/session-history.ts';
import { encodeRecord, RECORD, type SessionRecord } from '../vault/session-record.ts';
import type { SessionVault } from '../vault/session-vault.ts';
import { pairAnew } from './pair-anew.ts';
import { NOTHING_PENDING, type SessionState } from './session-state.ts';
import type { StatusReason } from './session-views.ts';

/** What this server holds of a session while it holds the lease. */
export interface HeldSession {
  readonly session: OpenedSession;
  readonly sent: SentMessages;
  readonly history: SessionHistory;
}

/** Opens a session when it is needed and lets go of it once: the one owner of the lease on this server. */
export interface SessionHolding {
  open(whereHeld?: WhereHeld): Promise<HeldSession>;
  /** Undefined while the session is not held. */
  held(): HeldSession | undefined;
  /** Why the stores made the holding worthless; it is let go of before the next opening. */
  failure(): Error | undefined;
  saveRecord(changed: Partial<SessionRecord>): Promise<void>;
  /** New credentials, to be paired: of what there was only the history goes on. */
  beginAnew(): Promise<void>;
  letGo(how: 'close' | 'abandon'): Promise<void>;
}

export type MakeSession = (onFailure: (error: Error) => void) => Promise<OpenedSession>;

export interface HoldingOptions {
  readonly id: string;
  readonly state: SessionState;
  readonly vault: SessionVault;
  readonly leases: LeaseKeeper;
  readonly clock: Clock;
  /** How the first opening goes, where the session is just being made. */
  readonly create: MakeSession | undefined;
  /** Law 9: called before anybody else learns that a change was lost or a key could not be read. */
  readonly onFailure: () => void;
}

const POSSIBLY_BEHIND: StatusReason = {
  code: 'POSSIBLY_BEHIND',
  message:
    'Opened from a copy that may lack the last changes: the store that had them is empty or silent. ' +
    'Its ratchets were made safe; some messages may have to be sent again.',
};

const dropped = (count: number): StatusReason => ({
  code: 'CHANGES_DROPPED',
  message:
    `Another server went on with this session while this one could not reach the store that decides: ${count} changes ` +
    'that this one had made meanwhile are not part of it.',
});

const takenOverFrom = (server: string): StatusReason => ({
  code: 'TAKEN_OVER',
  message: `Server ${server} ran this session before.`,
});

function isOtherOwner(error: Error | undefined): boolean {
  return error instanceof StoreError && ['SESSION_HELD_ELSEWHERE', 'STORE_FENCED'].includes(error.code);
}

const nothing = () => NOTHING_PENDING;

export function createSessionHolding(options: HoldingOptions): SessionHolding {
  const { id, state, vault, clock } = options;
  const { holder } = options.leases;
  let { create } = options;
  /** Two openings at once would be two ownerships, and the newer one would end the older one's socket. */
  const inTurn = createLane();
  let current: HeldSession | undefined;
  let failed: Error | undefined;
  /** Made here, and lost to another server's turn: told in the history when the session is here again. */
  let lost = 0;

  function onFailure(error: Error): void {
    failed = error;
    options.onFailure();
  }

  const open = (whereHeld?: WhereHeld) => inTurn(() => openNow(whereHeld));
  const letGo = (how: 'close' | 'abandon') => inTurn(() => letGoNow(how));

  async function openNow(whereHeld?: WhereHeld): Promise<HeldSession> {
    if (failed) await letGoNow('abandon');
    if (current) return current;
    const session = await (create?.(onFailure) ?? vault.open({ sessionId: id, whereHeld, onFailure }));
    create = undefined;
    const { entries, record } = session;
    current = {
      session,
      sent: createSentMessages(entries, clock),
      history: createSessionHistory(entries, holder),
    };
    const { degraded } = session;
    state.update({
      record,
      position: entries.head,
      heldBy: holder,
      note: current.history.note,
      degraded,
      pending: entries.pending,
    });
    if (session.isPossiblyBehind) current.history.note(state.status, POSSIBLY_BEHIND, clock.now());
    if (lost > 0) current.history.note(state.status, dropped(lost), clock.now());
    lost = 0;
    const { lastServer } = record;
    if (lastServer !== undefined && lastServer !== holder) {
      current.history.note(state.status, takenOverFrom(lastServer), clock.now());
    }
    return current;
  }

  async function letGoNow(how: 'close' | 'abandon'): Promise<void> {
    const { session, history } = current ?? {};
    if (session && isOtherOwner(failed)) lost += session.unsent();
    current = failed = undefined;
    if (how === 'close') await history?.flush();
    await session?.[how]();
    state.update({ heldBy: undefined, note: () => {}, degraded: () => undefined, pending: nothing });
  }

  return {
    open,
    letGo,
    held: () => current,
    failure: () => failed,

    async beginAnew() {
      const held = await open();
      await pairAnew(state, held.session, held.history);
      // What it remembers of its entries is gone with them.
      current = { ...held, sent: createSentMessages(held.session.entries, clock) };
    },

    async saveRecord(changed) {
      // What another server saved meanwhile is known once the session is open.
      const { session } = await open();
      const record = { ...state.record, ...changed };
      await session.entries.write([{ type: RECORD, id: '', value: encodeRecord(record) }]);
      state.update({ record });
    },
  };
}
