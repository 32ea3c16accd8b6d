import type { StatusReason } from './session-views.ts';

/** A linked session can be connected and deaf. This tells whether it works: what it heard, read and could not read. */
export interface SessionVitals {
  /** WhatsApp sent anything at all. */
  heard(): void;
  decrypted(): void;
  undecryptable(): void;
  view(): VitalsView;
  /** More and more that nobody can read, and nothing that somebody can. */
  degraded(): StatusReason | undefined;
}

export interface VitalsView {
  readonly lastFrameAt?: Date;
  readonly lastDecryptedAt?: Date;
  /** Messages that could not be decrypted since this server started; most of them come again and can be. */
  readonly decryptFailures: number;
}

/** A lost ratchet shows by every message of a chat; a single one is asked for again and comes. */
const FAILURES_IN_A_ROW = 5;

const DEAF: StatusReason = {
  code: 'MESSAGES_UNDECRYPTABLE',
  message:
    'The last messages could not be decrypted, several in a row. Their senders are asked to send them again; if this ' +
    'stays, log the session out and link it anew.',
};

export function createSessionVitals(now: () => number): SessionVitals {
  let frameAt: number | undefined;
  let decryptedAt: number | undefined;
  let failures = 0;
  let inARow = 0;
  return {
    heard() {
      frameAt = now();
    },
    decrypted() {
      decryptedAt = now();
      inARow = 0;
    },
    undecryptable() {
      failures += 1;
      inARow += 1;
    },
    view: () => ({
      decryptFailures: failures,
      ...(frameAt !== undefined && { lastFrameAt: new Date(frameAt) }),
      ...(decryptedAt !== undefined && { lastDecryptedAt: new Date(decryptedAt) }),
    }),
    degraded: () => (inARow >= FAILURES_IN_A_ROW ? DEAF : undefined),
  };
}
