import { StoreError, type StoreErrorCode } from '../../core/errors.ts';
import { LogDamage } from './log-frames.ts';
import { type LogContent, UnknownFormat } from './log-scan.ts';

/** What a store says when something is wrong with one session: always with the name of both. */
export interface SessionErrors {
  refused(code: StoreErrorCode, why: string): StoreError;
  /** Throws where a rule refuses. */
  check(verdict: StoreErrorCode | 'write', content: LogContent): void;
  /** The error for the caller; what is not about the log is passed on as it is. */
  translated(error: unknown): unknown;
}

export function createSessionErrors(store: string, sessionId: string): SessionErrors {
  const refused = (code: StoreErrorCode, why: string, options?: ErrorOptions) =>
    new StoreError(code, store, `session ${sessionId} ${why}`, options);
  return {
    refused,
    check(verdict, { head, fence }) {
      if (verdict === 'write') return;
      const { epoch, revision } = head ?? { epoch: 0, revision: 0 };
      throw refused(verdict, `stands at ${epoch}.${revision} behind fence ${fence}`);
    },
    translated(cause) {
      if (cause instanceof LogDamage)
        return refused('SESSION_CORRUPT', `is damaged: ${cause.message}`, { cause });
      if (cause instanceof UnknownFormat)
        return refused('STORE_UNREADABLE', `can not be read: ${cause.message}`, { cause });
      return cause;
    },
  };
}
