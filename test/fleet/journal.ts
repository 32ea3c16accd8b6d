/** What a fleet was asked to do, what was done to it, and what those who use it saw: the checker compares it with WhatsApp's own records. */
export interface Journal {
  /** Texts that were sent to a session, and when. */
  readonly sent: Map<string, SentText>;
  /** Texts that some subscriber of some server saw, and when first. */
  readonly seen: Map<string, number>;
  /** Texts whose sending the API confirmed, by the id that the caller gave. */
  readonly confirmed: Map<string, ConfirmedText>;
  readonly statuses: SeenStatus[];
  readonly faults: Fault[];
}

export interface SentText {
  readonly sessionId: string;
  readonly at: number;
}

export interface ConfirmedText {
  readonly sessionId: string;
  readonly text: string;
}

/** What a server told of a session. */
export interface SeenStatus {
  readonly server: string;
  readonly sessionId: string;
  readonly status: string;
  readonly reason: string | undefined;
  readonly heldBy: string | undefined;
  readonly epoch: number;
  readonly revision: number;
  /** By the server's clock. */
  readonly at: number;
}

export interface Fault {
  /** `unheard`: it runs and nobody has subscribed yet. */
  readonly kind: 'killed' | 'paused' | 'unheard';
  readonly server: string;
  readonly from: number;
  /** Undefined while it lasts. */
  to: number | undefined;
}

export function createJournal(): Journal {
  return { sent: new Map(), seen: new Map(), confirmed: new Map(), statuses: [], faults: [] };
}

export const newestStatus = (
  { statuses }: Journal,
  server: string,
  sessionId: string,
): SeenStatus | undefined =>
  statuses.findLast(seen => seen.server === server && seen.sessionId === sessionId);
