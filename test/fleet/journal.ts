/** What a fleet was asked to do, what was done to it, and what those who use it saw: the checker compares it with WhatsApp's own records. */
export interface Journal {
  /** Texts that were sent to a session, and when. */
  readonly sent: Map<string, SentText>;
  /** Texts that some subscriber of some server saw, and when first. */
  readonly seen: Map<string, number>;
  /** Texts whose sending the API confirmed, by the id that the caller gave. */
  readonly confirmed: Map<string, ConfirmedText>;
  /** In the order in which they were heard. */
  readonly statuses: readonly SeenStatus[];
  readonly faults: Fault[];
  noteStatus(status: SeenStatus): void;
  /** What a server told last of a session. Asked all the time, so it does not take longer the more was told. */
  newestStatus(server: string, sessionId: string): SeenStatus | undefined;
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
  /** The reason in words. */
  readonly why: string | undefined;
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
  const statuses: SeenStatus[] = [];
  const newest = new Map<string, SeenStatus>();
  const keyOf = (server: string, sessionId: string) => `${server}/${sessionId}`;
  return {
    sent: new Map(),
    seen: new Map(),
    confirmed: new Map(),
    faults: [],
    statuses,
    noteStatus(status) {
      statuses.push(status);
      newest.set(keyOf(status.server, status.sessionId), status);
    },
    newestStatus: (server, sessionId) => newest.get(keyOf(server, sessionId)),
  };
}
