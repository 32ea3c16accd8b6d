import { StoreError, type StoreErrorCode } from '../../core/errors.ts';
import { RowDamage } from './copy-reader.ts';
import { ENTRY_NAME_BYTES, SESSION_ID_BYTES } from './schema.ts';

/** What the store says when something is wrong with one session: always with the name of both. */
export interface SessionWords {
  refused(code: StoreErrorCode, sessionId: string, why: string): StoreError;
  /** The id as the database has it. Too long a key would be cut off by a server that is not strict. */
  idOf(sessionId: string): Buffer;
  nameOf(sessionId: string, name: string): Buffer;
  /** Runs the task, and tells damage as SESSION_CORRUPT. */
  tellingDamage<T>(sessionId: string, task: () => Promise<T>): Promise<T>;
}

export function createSessionWords(store: string): SessionWords {
  const refused = (code: StoreErrorCode, sessionId: string, why: string, options?: ErrorOptions) =>
    new StoreError(code, store, `session ${sessionId} ${why}`, options);
  return {
    refused,
    idOf(sessionId) {
      const sid = Buffer.from(sessionId);
      if (sid.length <= SESSION_ID_BYTES) return sid;
      throw refused('STORE_UNREADABLE', sessionId, `has an id longer than ${SESSION_ID_BYTES} bytes`);
    },
    nameOf(sessionId, name) {
      const bytes = Buffer.from(name);
      if (bytes.length <= ENTRY_NAME_BYTES) return bytes;
      throw refused(
        'STORE_UNREADABLE',
        sessionId,
        `has an entry whose name is longer than ${ENTRY_NAME_BYTES} bytes`,
      );
    },
    async tellingDamage(sessionId, task) {
      try {
        return await task();
      } catch (cause) {
        if (!(cause instanceof RowDamage)) throw cause;
        throw refused('SESSION_CORRUPT', sessionId, `is damaged: ${cause.message}`, { cause });
      }
    },
  };
}

/** Answers every reader and writer of a head that can't be read. */
export const DAMAGED_HEAD = 'is damaged: its head can not be read';
