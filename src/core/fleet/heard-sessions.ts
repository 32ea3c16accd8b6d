import type { QrCode, SessionView } from '../sessions/session-views.ts';

const MAX_SESSIONS = 100_000;

/** What other servers last said of the sessions that they run. */
export interface HeardSessions {
  note(view: SessionView): void;
  noteQr(sessionId: string, qr: QrCode | undefined): void;
  find(sessionId: string): SessionView | undefined;
  /** This server speaks of it now. */
  forget(sessionId: string): void;
  /** False where it was known already. */
  noteDeletion(sessionId: string): boolean;
  /** Until somebody speaks of the session again. */
  isDeleted(sessionId: string): boolean;
  forgetAll(): void;
  /** The session as its holder shows it, where that is known; else as it was given. */
  replace(view: SessionView): SessionView;
}

/**
 * Who holds a session is for the lease store to say, and `view.heldBy` has it; how the session does only its holder
 * knows. So what was heard counts where it came from the holder, and is worth nothing once another one has it.
 */
export function createHeardSessions(): HeardSessions {
  const heard = new Map<string, SessionView>();
  const deleted = new Set<string>();
  return {
    note(view) {
      deleted.delete(view.id);
      if (heard.has(view.id) || heard.size < MAX_SESSIONS) heard.set(view.id, view);
    },
    noteQr(sessionId, qr) {
      const view = heard.get(sessionId);
      if (!view) return;
      const { qr: _, ...rest } = view;
      heard.set(sessionId, { ...rest, ...(qr && { qr }) });
    },
    find: sessionId => heard.get(sessionId),
    forget(sessionId) {
      heard.delete(sessionId);
      deleted.delete(sessionId);
    },
    noteDeletion(sessionId) {
      heard.delete(sessionId);
      if (deleted.has(sessionId)) return false;
      const [oldest] = deleted;
      if (oldest !== undefined && deleted.size >= MAX_SESSIONS) deleted.delete(oldest);
      deleted.add(sessionId);
      return true;
    },
    isDeleted: sessionId => deleted.has(sessionId),
    forgetAll: () => heard.clear(),
    replace(view) {
      const of = heard.get(view.id);
      return view.status === 'STANDBY' && of?.heldBy !== undefined && of.heldBy === view.heldBy ? of : view;
    },
  };
}
