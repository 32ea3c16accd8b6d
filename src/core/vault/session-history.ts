import { randomUUID } from 'node:crypto';
import { createEntryLog } from '../entry-log.ts';
import type { SessionStatus, StatusReason } from '../sessions/session-views.ts';
import type { PlainEntryChange, SessionEntries } from './session-entries.ts';

/** One thing that happened to a session: ordinary entries, sealed, copied and restored with it. */
export interface HistoryEvent {
  readonly id: string;
  readonly at: number;
  readonly status: SessionStatus;
  readonly reason?: { readonly code: string; readonly message: string; readonly rawCode?: number };
  /** Instance id of the server that saw it. */
  readonly server: string;
}

export interface SessionHistory {
  /** Not awaited by anybody: what happened is told as soon as the stores take it. */
  note(status: SessionStatus, reason: StatusReason | undefined, at: number): void;
  /** Resolves when all that was noted so far has been handed to the stores. */
  flush(): Promise<void>;
  /** All of it, for entries that begin anew and keep it. */
  whole(): Promise<PlainEntryChange[]>;
  /** Newest first; at most `first`, after the event with this id. */
  page(request: { readonly first: number; readonly after?: string }): Promise<HistoryPage>;
}

export interface HistoryPage {
  readonly events: readonly HistoryEvent[];
  readonly hasNextPage: boolean;
}

const KEEP_MS = 90 * 24 * 60 * 60 * 1_000;
const LOG = { type: 'history', pageSize: 16, keepMs: KEEP_MS, maxPages: 64 };

export function createSessionHistory(entries: SessionEntries, server: string): SessionHistory {
  const log = createEntryLog<HistoryEvent>(entries, LOG);
  let noted: Promise<void> = Promise.resolve();
  return {
    note(status, reason, at) {
      const because = reason && {
        code: reason.code,
        message: reason.message,
        ...(reason.rawCode !== undefined && { rawCode: reason.rawCode }),
      };
      const event: HistoryEvent = {
        id: randomUUID(),
        at,
        status,
        server,
        ...(because && { reason: because }),
      };
      noted = log
        .append(event, at)
        .then(({ changes }) => entries.write(changes))
        .catch(() => {});
    },
    flush: () => noted,
    whole: log.whole,
    page: request => readHistoryPage(entries, request),
  };
}

/** Of any session that can be read, open or not. */
export async function readHistoryPage(
  entries: Pick<SessionEntries, 'read'>,
  { first, after }: { readonly first: number; readonly after?: string },
): Promise<HistoryPage> {
  const events: HistoryEvent[] = [];
  let isPast = after === undefined;
  for await (const event of createEntryLog<HistoryEvent>(entries, LOG).newestFirst()) {
    if (isPast && events.length === first) return { events, hasNextPage: true };
    if (isPast) events.push(event);
    isPast ||= event.id === after;
  }
  return { events, hasNextPage: false };
}
